using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>
/// The mount's own way to a bucket: another server over the same folders, so that it can be slow or gone while instances reach the store.
/// </summary>
internal sealed class MountServer : IAsyncDisposable
{
    private CloudStorageServer _server = null!;

    private MountServer()
    {
    }

    public Uri Endpoint => _server.Endpoint;

    public IReadOnlyList<CloudStorageRequestRecord> Requests => _server.GetRequests();

    /// <summary>How long each read of content is held that is asked for from now on.</summary>
    public TimeSpan ReadLatency { get; set; }

    public static async Task<MountServer> StartAsync(string folder)
    {
        var server = new MountServer();
        var options = new CloudStorageServerOptions
        {
            Fault = request => request.Operation == "storage.objects.get.media" && server.ReadLatency > TimeSpan.Zero
                ? CloudStorageFault.Delay(server.ReadLatency)
                : null,
        };
        server._server = await CloudStorageServer.StartAsync(options.UseDirectory(folder), TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
