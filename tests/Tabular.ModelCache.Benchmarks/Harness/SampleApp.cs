using System.Globalization;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>The sample app of the same build, with its own settings for two models and nothing else of the machine's.</summary>
internal sealed class SampleApp
{
    private readonly string _folder;
    private readonly Dictionary<string, string> _environment;

    private SampleApp(string folder, Dictionary<string, string> environment)
    {
        _folder = folder;
        _environment = environment;
    }

    /// <param name="lab">Where it runs.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="set">The models that it wants.</param>
    /// <param name="mount">Where the bucket is mounted, or an empty folder for a sync.</param>
    /// <param name="cancellationToken">Cancels the start of the servers.</param>
    public static async Task<SampleApp> CreateAsync(Lab lab, string bucket, ModelSet set, string mount, CancellationToken cancellationToken)
    {
        var (storage, registry) = ((await lab.GetBucketAsync(cancellationToken)).Hello, (await lab.GetRegistryAsync(cancellationToken)).Hello);

        // A folder without settings file: the variables alone configure the app.
        return new SampleApp(lab.CreateFolder("app"), new Dictionary<string, string>
        {
            ["STORAGE_EMULATOR_HOST"] = storage.Endpoint.Authority,
            ["HF_ENDPOINT"] = registry.Endpoint.ToString(),
            ["SHARED_MODEL_VOLUME_ENABLED"] = "true",
            ["MODEL_CACHE_PATH"] = mount,
            ["ModelCache__Mount__AcceptedTypes__0"] = "*",
            ["ModelCache__Bucket"] = bucket,
            ["ModelCache__Models__0__Name"] = "language-model",
            ["ModelCache__Models__0__Kind"] = "ollama",
            ["ModelCache__Models__0__Source"] = set.LanguageModel,
            ["ModelCache__Models__1__Name"] = "embedder",
            ["ModelCache__Models__1__Kind"] = "sbert",
            ["ModelCache__Models__1__Source"] = set.Embedder,
        });
    }

    /// <summary>Adds a setting or replaces it.</summary>
    /// <param name="name">The name of the variable.</param>
    /// <param name="value">Its value.</param>
    public SampleApp With(string name, string value) => new(_folder, new Dictionary<string, string>(_environment) { [name] = value });

    /// <summary>Makes a run of it.</summary>
    public Command Command(params string[] arguments) =>
        Programs.Run(BuildOutput.Programs.Sample, arguments, _folder) with { Environment = _environment };

    /// <summary>Makes a run of it as a service.</summary>
    /// <param name="port">The port on 127.0.0.1.</param>
    public Command Service(int port) => With("PORT", port.ToString(CultureInfo.InvariantCulture)).Command();
}
