using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>The process of the registry. A line with a scale is answered with the two models at that size, which it serves from then on.</summary>
internal static class RegistryServing
{
    public const string Command = "serve-registry";

    /// <summary>A line of this is answered with the <see cref="Harness.Traffic"/> since it was last asked for.</summary>
    public const string Traffic = "traffic";

    /// <summary>After a line of this, answered with true, no content ends: it stops after <see cref="HeldAfter"/> bytes.</summary>
    public const string Hold = "hold";

    /// <summary>Undoes <see cref="Hold"/> for what is asked from then on; answered with true.</summary>
    public const string Release = "release";

    /// <summary>
    /// A line of this, a number of shards, and the embedder of a set, is answered with the same two models, of which the embedder has its weights so many
    /// times: one after the other, as shards.
    /// </summary>
    public const string Shard = "shard";

    private const string Tag = "latest";
    private const string Weights = "pytorch_model.bin";

    // What tells which files there are.
    private static readonly string[] Listings = ["ollama.manifest", "hub.model", "hub.tree"];
    private const long HeldAfter = 64;

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var isHeld = false;
        var options = new ModelRegistryServerOptions
        {
            Fault = request => Volatile.Read(ref isHeld) && !Listings.Contains(request.Operation) ? ModelRegistryFault.StallAfter(HeldAfter) : null,
        };
        await using var server = await ModelRegistryServer.StartAsync(options, cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(new RegistryHello(server.Endpoint)));
        var sets = new Dictionary<string, ServedModels>(StringComparer.Ordinal);
        for (var number = 1; await Console.In.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line is Hold or Release)
            {
                Volatile.Write(ref isHeld, line == Hold);
            }

            Console.Out.WriteLine(line.Split(' ') switch
            {
                [Hold or Release] => JsonSerializer.Serialize(true),
                [Traffic] => JsonSerializer.Serialize(TakeTraffic(server)),
                [Shard, var count, var embedder] => JsonSerializer.Serialize(AddShards(server, sets[embedder], int.Parse(count, CultureInfo.InvariantCulture))),
                _ => JsonSerializer.Serialize(Add(server, double.Parse(line, CultureInfo.InvariantCulture), number, sets)),
            });
        }

        return 0;
    }

    private static Traffic TakeTraffic(ModelRegistryServer server)
    {
        var requests = server.GetRequests(clear: true);
        return new Traffic(requests.Count, 0, 0, requests.Sum(request => request.BytesSent));
    }

    private static ModelSet Add(ModelRegistryServer server, double scale, int number, Dictionary<string, ServedModels> sets)
    {
        var (ollama, hub) = ($"library/bench-{number}", $"bench/embedder-{number}");
        var model = OllamaModels.Llama32(scale, seed: number);
        server.AddOllamaModel(ollama, Tag, model);
        _ = model.Manifest;

        // Without those that a pull leaves out: at the real size they are as large as the others, and the other programs would pull them.
        var files = HubModels.BgeM3(scale, seed: number).Where(file => IsPulled(file.Path)).ToArray();
        var models = new ServedModels(scale, ollama, model, hub, files);
        var set = Add(server, models);
        sets.Add(set.Embedder, models);
        return set;
    }

    private static ModelSet AddShards(ModelRegistryServer server, ServedModels models, int count)
    {
        var (stem, extension) = (Path.GetFileNameWithoutExtension(Weights), Path.GetExtension(Weights));
        var weights = models.Files.Single(file => file.Path == Weights);
        return Add(server, models with
        {
            Hub = $"{models.Hub}-in-{count}",
            Files =
            [
                .. models.Files.Where(file => file != weights),
                GeneratedFile.Text($"{Weights}.index.json", """{"metadata":{},"weight_map":{}}"""),
                .. Enumerable.Range(1, count).Select(i => weights.WithPath($"{stem}-{i:D5}-of-{count:D5}{extension}")),
            ],
        });
    }

    private static ModelSet Add(ModelRegistryServer server, ServedModels models)
    {
        var commit = server.AddHubRepository(models.Hub, models.Files);
        return new ModelSet(
            models.Scale,
            $"ollama://{server.Endpoint.Authority}/{models.Ollama}:{Tag}",
            $"hf://{models.Hub}",
            [
                .. models.Model.Layers.Select(layer => layer.File).Append(models.Model.Config).DistinctBy(file => file.Sha256).Select(file => new ModelSetFile(
                    $"sha256-{file.Sha256}", new Uri(server.Endpoint, $"v2/{models.Ollama}/blobs/sha256:{file.Sha256}"), file.Sha256, file.Size)),
                .. models.Files.Select(file => new ModelSetFile(
                    file.Path.Replace('/', '-'), new Uri(server.Endpoint, $"{models.Hub}/resolve/{commit}/{file.Path}"), file.Sha256, file.Size)),
            ]);
    }

    private static bool IsPulled(string path) =>
        Path.GetExtension(path) is ".json" or ".bin" or ".model" && !path.StartsWith("onnx/", StringComparison.Ordinal);

    private sealed record ServedModels(double Scale, string Ollama, OllamaModel Model, string Hub, IReadOnlyList<GeneratedFile> Files);
}
