using Tabular.ModelCache.Testing;

namespace LocalBucket;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class BucketHost
{
    public static async Task<int> RunAsync(int port, string? directory, bool log, CancellationToken cancellationToken)
    {
        try
        {
            var options = new CloudStorageServerOptions
            {
                Port = port,
                OnRequest = log ? record => Console.Out.WriteLine(record) : null,
            };
            if (directory is not null)
            {
                options = options.UseDirectory(Directory.CreateDirectory(directory).FullName);
            }

            await using var server = await CloudStorageServer.StartAsync(options, cancellationToken);
            Console.Out.WriteLine(
                $"Serving {(directory is null ? "memory" : Path.GetFullPath(directory))} as buckets on {server.Endpoint}; set STORAGE_EMULATOR_HOST={server.Endpoint}");
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C or SIGTERM.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            await Console.Error.WriteLineAsync(
                $"Cannot serve {directory ?? "memory"} on port {port}: {e.Message} Give another --directory or --port.");
            return 1;
        }

        return 0;
    }
}
