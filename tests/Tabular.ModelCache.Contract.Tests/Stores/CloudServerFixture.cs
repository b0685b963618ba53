using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>One server for the tests of a class; each takes a bucket of its own.</summary>
public abstract class CloudServerFixture : IAsyncLifetime
{
    private CloudStorageServer? _server;
    private int _buckets;

    public async ValueTask InitializeAsync() => _server = await CloudStorageServer.StartAsync(CreateOptions());

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await (_server?.DisposeAsync() ?? default);
    }

    protected abstract CloudStorageServerOptions CreateOptions();

    internal GoogleCloudObjectStore Connect() => new(new()
    {
        Bucket = $"tests-{Interlocked.Increment(ref _buckets)}",
        Endpoint = StorageEndpoint.Parse($"{_server!.Endpoint}"),
    });
}
