using System.Text.Json;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Benchmarks.Servers;

/// <summary>The process of the buckets. A line with the name of one empties it and is answered with what was in it.</summary>
internal static class BucketServing
{
    public const string Command = "serve-bucket";

    public static async Task<int> RunAsync(string? directory, CancellationToken cancellationToken)
    {
        var options = new CloudStorageServerOptions();
        await using var server = await CloudStorageServer.StartAsync(
            directory is null ? options : options.UseDirectory(directory), cancellationToken);
        Console.Out.WriteLine(JsonSerializer.Serialize(new BucketHello(server.Endpoint)));
        while (await Console.In.ReadLineAsync(cancellationToken) is { } bucket)
        {
            var content = await EmptyAsync(server, bucket, cancellationToken);

            // Or the next run would pay for the memory of this one.
            GC.Collect();
            Console.Out.WriteLine(JsonSerializer.Serialize(content));
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

        return content;
    }
}
