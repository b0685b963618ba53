using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class GoogleCloudOverMemoryContractTests : ObjectStoreContract
{
    private CloudStorageServer? _server;
    private GoogleCloudObjectStore? _store;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _store?.Dispose();
        await (_server?.DisposeAsync() ?? default);
    }

    protected override async ValueTask<IObjectStore> CreateStoreAsync()
    {
        _server = await CloudStorageServer.StartAsync(cancellationToken: Token);
        return _store = new GoogleCloudObjectStore(new() { Bucket = "tests", Endpoint = StorageEndpoint.Parse($"{_server.Endpoint}") });
    }
}
