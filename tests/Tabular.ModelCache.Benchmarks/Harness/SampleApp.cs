using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>The sample app's <c>model-cache</c> commands for one model, which is named like its bucket.</summary>
internal static class SampleApp
{
    public static Command Create(Lab lab, BucketHello bucket, string name, string source, string mount, params string[] arguments) =>

        // A folder without settings file: the variables alone configure the app.
        new(BuildOutput.DotNet, [BuildOutput.SampleProgram, "model-cache", .. arguments], lab.CreateFolder("app"))
        {
            Environment = new Dictionary<string, string>
            {
                ["STORAGE_EMULATOR_HOST"] = bucket.Endpoint.Authority,
                ["SHARED_MODEL_VOLUME_ENABLED"] = "true",
                ["MODEL_CACHE_PATH"] = mount,
                ["ModelCache__Mount__AcceptedTypes__0"] = "*",
                ["ModelCache__Bucket"] = name,
                ["ModelCache__Models__0__Name"] = name,
                ["ModelCache__Models__0__Kind"] = "ollama",
                ["ModelCache__Models__0__Source"] = source,
            },
        };
}
