using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>
/// The mount's own way to a bucket: another server over the same folders, so that it can be slow or gone while instances reach the store.
/// </summary>
internal sealed class MountServer : IAsyncDisposable
{
    private CloudStorageServer _server = null!;
    private (string Name, TimeSpan Latency)? _slow;
    private int _slowReads;

    private MountServer()
    {
    }

    public Uri Endpoint => _server.Endpoint;

    public IReadOnlyList<CloudStorageRequestRecord> Requests => _server.GetRequests();

    /// <summary>How many reads of the slow object were asked for, answered or not.</summary>
    public int SlowReads => Volatile.Read(ref _slowReads);

    public static async Task<MountServer> StartAsync(string folder)
    {
        var server = new MountServer();
        var options = new CloudStorageServerOptions { Fault = server.Delay };
        server._server = await CloudStorageServer.StartAsync(options.UseDirectory(folder), TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Holds each read of an object that is asked for from now on.</summary>
    public void SlowDown(string name, TimeSpan latency) => _slow = (name, latency);

    public void SpeedUp() => _slow = null;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private CloudStorageFault? Delay(CloudStorageRequest request)
    {
        if (_slow is not { } slow || request.Operation != "storage.objects.get.media" || request.ObjectName != slow.Name)
        {
            return null;
        }

        Interlocked.Increment(ref _slowReads);
        return CloudStorageFault.Delay(slow.Latency);
    }
}
