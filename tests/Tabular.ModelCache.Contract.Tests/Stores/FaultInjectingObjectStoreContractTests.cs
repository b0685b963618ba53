using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.Directories;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>Without faults the decorator changes nothing, and neither does leaving out the flush.</summary>
public sealed class FaultInjectingObjectStoreContractTests : ObjectStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override bool KeepsFolderObjects => false;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override ValueTask<IObjectStore> CreateStoreAsync() => new(new FaultInjectingObjectStore(
        new DirectoryObjectStore(_directory.Path, TimeProvider.System, new Random(1), new DirectoryObjectStoreOptions { FlushToDisk = false })));
}
