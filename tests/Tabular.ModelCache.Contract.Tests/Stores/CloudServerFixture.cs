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

    public Uri Endpoint => _server!.Endpoint;

    public string NewBucket() => $"tests-{Interlocked.Increment(ref _buckets)}";

    internal GoogleCloudObjectStore Connect() => new(new()
    {
        Bucket = NewBucket(),
        Endpoint = StorageEndpoint.Parse($"{Endpoint}"),
    });
}
