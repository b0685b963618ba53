namespace Tabular.ModelCache.RealParts.Tests.CloudRun;

/// <summary>The Cloud Run configuration of the sample, decoded into the messages that gcloud sends to the API.</summary>
public sealed class CloudRunConfigurationTests
{
    private const string Python = "platform/bundledpythonunix/bin/python3";

    private static readonly string Configuration = Path.Join(RepositoryFolder.Path, "samples", "Tabular", "infra", "tabular-config.yaml");

    [Fact]
    public async Task Decode_ConfigurationOfTheSample_HasNoUnknownField() =>
        (await DecodeAsync(Configuration)).Should().Equal("Service tabular", "Job tabular-model-sync");

    [Fact]
    public async Task Decode_VolumeAsTheDesignWroteIt_IsFoundUnknown()
    {
        var path = Path.GetTempFileName();
        try
        {
            var yaml = await File.ReadAllTextAsync(Configuration, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(path, yaml.Replace("csi:", "cloudStorage:", StringComparison.Ordinal), TestContext.Current.CancellationToken);

            (await DecodeAsync(path)).Should().Contain("unknown: Service.spec.template.spec.volumes.cloudStorage")
                .And.Contain("unknown: Job.spec.template.spec.template.spec.volumes.cloudStorage");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string[]> DecodeAsync(string path)
    {
        var root = (await Tool.Require("gcloud").RunAsync("info", "--format=value(installation.sdk_root)")).Trim();
        var python = new Tool(Path.Join(root, Python), new Dictionary<string, string>());
        var output = await python.RunAsync(Path.Join(AppContext.BaseDirectory, "CloudRun", "decode.py"), root, path);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
