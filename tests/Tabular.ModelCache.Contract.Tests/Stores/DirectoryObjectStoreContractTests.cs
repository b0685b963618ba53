using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class DirectoryObjectStoreContractTests : ObjectStoreContract
{
    private readonly TemporaryDirectory _directory = new();

    protected override bool KeepsFolderObjects => false;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    // A directory that does not exist yet: the first write makes it.
    protected override ValueTask<IObjectStore> CreateStoreAsync() =>
        new(new DirectoryObjectStore(_directory.Join("root", "of", "store"), TimeProvider.System, new Random(1)));
}
