using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class GoogleCloudOverDirectoryContractTests(DirectoryServerFixture server) : ObjectStoreContract, IClassFixture<DirectoryServerFixture>
{
    private GoogleCloudObjectStore? _store;

    protected override bool KeepsFolderObjects => false;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _store?.Dispose();
    }

    protected override ValueTask<IObjectStore> CreateStoreAsync() => new(_store = server.Connect());
}
