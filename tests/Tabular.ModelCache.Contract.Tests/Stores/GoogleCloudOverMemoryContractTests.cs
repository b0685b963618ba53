using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class GoogleCloudOverMemoryContractTests(MemoryServerFixture server) : ObjectStoreContract, IClassFixture<MemoryServerFixture>
{
    private GoogleCloudObjectStore? _store;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _store?.Dispose();
    }

    protected override ValueTask<IObjectStore> CreateStoreAsync() => new(_store = server.Connect());
}
