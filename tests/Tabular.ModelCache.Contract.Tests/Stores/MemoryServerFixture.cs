using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class MemoryServerFixture : CloudServerFixture
{
    protected override CloudStorageServerOptions CreateOptions() => new();
}
