using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>With rewrites that take several calls.</summary>
public sealed class GoogleCloudOverDirectoryContractTests : ObjectStoreContract
{
    private readonly TemporaryDirectory _directory = new();
    private CloudStorageServer? _server;
    private GoogleCloudObjectStore? _store;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _store?.Dispose();
        await (_server?.DisposeAsync() ?? default);
        _directory.Dispose();
    }

    protected override async ValueTask<IObjectStore> CreateStoreAsync()
    {
        var options = new CloudStorageServerOptions { MaximumBytesPerRewriteCall = 4 };
        _server = await CloudStorageServer.StartAsync(options.UseDirectory(_directory.Path), Token);
        return _store = new GoogleCloudObjectStore(new() { Bucket = "tests", Endpoint = StorageEndpoint.Parse($"{_server.Endpoint}") });
    }
}
