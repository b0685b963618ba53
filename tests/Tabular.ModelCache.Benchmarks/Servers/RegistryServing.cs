using System.Text.Json;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>The process of the registry: an Ollama model whose weights have the wanted size, and one of a hundredth of it.</summary>
internal static class RegistryServing
{
    public const string Command = "serve-registry";

    public const int SmallShare = 100;

    private const string Name = "library/bench";
    private const string SmallName = "library/bench-small";
    private const string Tag = "latest";

    public static async Task<int> RunAsync(long bytes, CancellationToken cancellationToken)
    {
        await using var server = await ModelRegistryServer.StartAsync(cancellationToken: cancellationToken);
        var weights = GeneratedFile.Gguf("model", bytes);
        Add(server, Name, weights);
        Add(server, SmallName, GeneratedFile.Gguf("small", Math.Max(BenchmarkOptions.FewestBytes, bytes / SmallShare)));
        var hello = new RegistryHello(
            $"ollama://{server.Endpoint.Authority}/{Name}:{Tag}",
            $"ollama://{server.Endpoint.Authority}/{SmallName}:{Tag}",
            new Uri(server.Endpoint, $"v2/{Name}/blobs/sha256:{weights.Sha256}"), weights.Sha256);
        Console.Out.WriteLine(JsonSerializer.Serialize(hello));
        await Console.In.ReadToEndAsync(cancellationToken);
        return 0;
    }

    private static void Add(ModelRegistryServer server, string name, GeneratedFile weights)
    {
        var model = new OllamaModel(
            GeneratedFile.Text("config", """{"model_format":"gguf","model_family":"llama"}"""),
            OllamaLayer.Model(weights),
            OllamaLayer.License(GeneratedFile.Text("license", "The weights of this model are generated and mean nothing.\n")));

        // Also computes the digests, so that the first client does not wait for it.
        server.AddOllamaModel(name, Tag, model);
        _ = model.Manifest;
    }
}
