using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class InMemoryObjectStoreContractTests : ObjectStoreContract
{
    protected override ValueTask<IObjectStore> CreateStoreAsync() => new(new InMemoryObjectStore());
}
