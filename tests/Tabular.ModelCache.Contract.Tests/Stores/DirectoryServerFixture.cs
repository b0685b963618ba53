using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>With rewrites that take several calls.</summary>
public sealed class DirectoryServerFixture : CloudServerFixture
{
    private readonly TemporaryDirectory _directory = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    protected override CloudStorageServerOptions CreateOptions() =>
        new CloudStorageServerOptions { MaximumBytesPerRewriteCall = 4 }.UseDirectory(_directory.Path);
}
