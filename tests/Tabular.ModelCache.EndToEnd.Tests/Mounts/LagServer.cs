using System.Collections.Concurrent;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A server with a bucket for each of several lanes, which tells each lane of the changes of its bucket.</summary>
internal sealed class LagServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, Func<CloudStorageRequest, Task>> _listeners = new(StringComparer.Ordinal);
    private CloudStorageServer _server = null!;

    private LagServer()
    {
    }

    public Uri Endpoint => _server.Endpoint;

    public static async Task<LagServer> StartAsync()
    {
        var server = new LagServer();
        var options = new CloudStorageServerOptions
        {
            OnMutation = request => server._listeners.GetValueOrDefault(request.Bucket!)?.Invoke(request) ?? Task.CompletedTask,
        };
        server._server = await CloudStorageServer.StartAsync(options.UseDirectory(server._folder.Path), TestContext.Current.CancellationToken);
        return server;
    }

    public IObjectStore Store(string bucket) => _server.GetStore(bucket);

    /// <summary>Calls somebody after each change of a bucket, before its answer is sent.</summary>
    public void Listen(string bucket, Func<CloudStorageRequest, Task> listener) => _listeners[bucket] = listener;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
