namespace Tabular.ModelCache.RealParts.Tests.CloudRun;

/// <summary>The Cloud Run configuration of the sample, decoded into the messages that gcloud sends to the API.</summary>
public sealed class CloudRunConfigurationTests
{
    private static readonly string Configuration = Repository.PathOf("samples/Tabular/infra/tabular-config.yaml");

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
        var gcloud = Tool.Require("gcloud", new Dictionary<string, string> { ["CLOUDSDK_CORE_DISABLE_FILE_LOGGING"] = "1" });
        var places = (await gcloud.RunAsync("info", "--format=value(installation.sdk_root,basic.python_location)")).Trim().Split('\t');
        var python = new Tool(places[1], new Dictionary<string, string>());
        var output = await python.RunAsync(Path.Join(AppContext.BaseDirectory, "CloudRun", "decode.py"), places[0], path);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
