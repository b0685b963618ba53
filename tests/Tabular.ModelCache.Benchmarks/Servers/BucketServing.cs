using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>The process of the buckets: it empties one, or tells what all were asked for since it was last asked.</summary>
internal static class BucketServing
{
    public const string Command = "serve-bucket";

    /// <summary>A line of this and the name of a bucket is answered with its <see cref="BucketContent"/>, when it has gone.</summary>
    public const string Empty = "empty";

    /// <summary>A line of this is answered with the <see cref="Harness.Traffic"/>.</summary>
    public const string Traffic = "traffic";

    public static async Task<int> RunAsync(string? directory, CancellationToken cancellationToken)
    {
        var options = new CloudStorageServerOptions();
        await using var server = await CloudStorageServer.StartAsync(
            directory is null ? options : options.UseDirectory(directory), cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(new BucketHello(server.Endpoint)));
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            Console.Out.WriteLine(line.Split(' ') switch
            {
                [Empty, var bucket] => JsonSerializer.Serialize(await EmptyAsync(server, bucket, cancellationToken)),
                [Traffic] => JsonSerializer.Serialize(TakeTraffic(server)),
                _ => throw new BenchmarkException($"A line should be '{Empty} BUCKET' or '{Traffic}', but is '{line}'."),
            });
        }

        return 0;
    }

    private static async Task<BucketContent> EmptyAsync(CloudStorageServer server, string bucket, CancellationToken cancellationToken)
    {
        var store = server.GetStore(bucket);
        var content = new BucketContent(0, 0);
        await foreach (var item in store.ListAsync("", cancellationToken))
        {
            content = new BucketContent(content.Objects + 1, Math.Max(content.LargestObject, item.Size));
            await store.DeleteAsync(item.Name, cancellationToken: cancellationToken);
        }

        // Or the next run would pay for the memory of this one.
        GC.Collect();
        return content;
    }

    private static Traffic TakeTraffic(CloudStorageServer server)
    {
        var requests = server.GetRequests(clear: true);
        return new Traffic(requests.Count, requests.Count(request => request.Mutated), requests.Sum(r => r.BytesReceived), requests.Sum(r => r.BytesSent));
    }
}
