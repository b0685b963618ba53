using System.Text.Json;

namespace Tabular.ModelCache.RealParts.Tests.Terraform;

/// <summary>Terraform itself formats, validates and tests the configuration of the sample.</summary>
public sealed class TerraformTests : IAsyncLifetime
{
    private const int Runs = 8;

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("terraform-");
    private ProviderStandIn _provider = null!;

    private string Folder => Path.Join(_scratch.FullName, "infra");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await ProviderStandIn.StartAsync(Path.Join(AppContext.BaseDirectory, "Terraform", "google.json"), Token);
        Copy(Repository.PathOf("samples/Tabular/infra"), Folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _scratch.Delete(recursive: true);
    }

    [Fact]
    public async Task Terraform_Configuration_IsFormattedValidAndSaysWhatTheYamlSays()
    {
        var terraform = await InitializeTerraformAsync();

        await terraform.RunAsync($"-chdir={Folder}", "fmt", "-check", "-diff", "-recursive");
        await terraform.RunAsync($"-chdir={Folder}", "validate");
        var summary = ReadSummary(await terraform.RunAsync($"-chdir={Folder}", "test", "-json"));

        summary.GetProperty("passed").GetInt32().Should().Be(Runs);
        summary.GetProperty("failed").GetInt32().Should().Be(0);
        summary.GetProperty("skipped").GetInt32().Should().Be(0);
    }

    [Theory]
    [InlineData("mountPath: /models", "mountPath: /model")]
    [InlineData("failureThreshold: 48", "failureThreshold: 47")]
    [InlineData("value: /models/sbert", "value: /models/sbert2")]
    [InlineData("metadata-cache-ttl-secs=60", "metadata-cache-ttl-secs=61")]
    [InlineData("name: MODEL_SYNC_MODE", "name: MODEL_SYNC")]
    [InlineData("memory: 2Gi", "memory: 1Gi")]
    [InlineData("readOnly: true", "readOnly: false")]
    public async Task Terraform_YamlSaysOtherwise_IsFound(string text, string otherText)
    {
        var terraform = await InitializeTerraformAsync();
        var yaml = Path.Join(Folder, "tabular-config.yaml");
        var before = await File.ReadAllTextAsync(yaml, Token);
        await File.WriteAllTextAsync(yaml, before.Replace(text, otherText, StringComparison.Ordinal), Token);

        var (exitCode, output, _) = await terraform.TryRunAsync($"-chdir={Folder}", "test", "-json", "-filter=tests/config.tftest.hcl");

        exitCode.Should().NotBe(0);
        ReadSummary(output).GetProperty("failed").GetInt32().Should().BePositive();
    }

    [Theory]
    [InlineData("prod")]
    [InlineData("staging")]
    public async Task Terraform_ValuesOfAnEnvironment_MakeAPlanWithoutWarning(string environment)
    {
        var terraform = await InitializeTerraformAsync();

        var output = await terraform.RunAsync(
            $"-chdir={Folder}", "test", "-json", "-test-directory=environments", $"-var-file=environments/{environment}.tfvars");

        ReadSummary(output).GetProperty("passed").GetInt32().Should().Be(1);
        output.Should().NotContain("\"@level\":\"warn\"", "a value that no variable takes is a warning");
    }

    private async Task<Tool> InitializeTerraformAsync()
    {
        var terraform = Tool.Require("terraform", new Dictionary<string, string>
        {
            ["TF_REATTACH_PROVIDERS"] = _provider.Reattach,
            ["TF_CLI_CONFIG_FILE"] = "/dev/null",
            ["TF_IN_AUTOMATION"] = "1",
            ["CHECKPOINT_DISABLE"] = "1",
        });
        await terraform.RunAsync($"-chdir={Folder}", "init", "-backend=false", "-input=false");
        return terraform;
    }

    private static JsonElement ReadSummary(string output)
    {
        var line = output.Split('\n').Single(l => l.Contains("\"type\":\"test_summary\"", StringComparison.Ordinal));
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("test_summary").Clone();
    }

    private static void Copy(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Join(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
