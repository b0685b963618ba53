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

    private const string Tag = "latest";

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
        for (var number = 1; await Console.In.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line is Hold or Release)
            {
                Volatile.Write(ref isHeld, line == Hold);
            }

            Console.Out.WriteLine(line switch
            {
                Hold or Release => JsonSerializer.Serialize(true),
                Traffic => JsonSerializer.Serialize(TakeTraffic(server)),
                _ => JsonSerializer.Serialize(Add(server, double.Parse(line, CultureInfo.InvariantCulture), number)),
            });
        }

        return 0;
    }

    private static Traffic TakeTraffic(ModelRegistryServer server)
    {
        var requests = server.GetRequests(clear: true);
        return new Traffic(requests.Count, 0, 0, requests.Sum(request => request.BytesSent));
    }

    private static ModelSet Add(ModelRegistryServer server, double scale, int number)
    {
        var (ollama, hub) = ($"library/bench-{number}", $"bench/embedder-{number}");
        var model = OllamaModels.Llama32(scale, seed: number);
        server.AddOllamaModel(ollama, Tag, model);

        // Without those that a pull leaves out: at the real size they are as large as the others, and the other programs would pull them.
        var files = HubModels.BgeM3(scale, seed: number).Where(file => IsPulled(file.Path)).ToArray();
        var commit = server.AddHubRepository(hub, files);
        _ = model.Manifest;
        return new ModelSet(
            scale,
            $"ollama://{server.Endpoint.Authority}/{ollama}:{Tag}",
            $"hf://{hub}",
            [
                .. model.Layers.Select(layer => layer.File).Append(model.Config).DistinctBy(file => file.Sha256).Select(file => new ModelSetFile(
                    $"sha256-{file.Sha256}", new Uri(server.Endpoint, $"v2/{ollama}/blobs/sha256:{file.Sha256}"), file.Sha256, file.Size)),
                .. files.Select(file => new ModelSetFile(
                    file.Path.Replace('/', '-'), new Uri(server.Endpoint, $"{hub}/resolve/{commit}/{file.Path}"), file.Sha256, file.Size)),
            ]);
    }

    private static bool IsPulled(string path) =>
        Path.GetExtension(path) is ".json" or ".bin" or ".model" && !path.StartsWith("onnx/", StringComparison.Ordinal);
}
