using Google.Cloud.Storage.V1;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Contract.Tests.Stores;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.StorageClients;

/// <summary>The store that an app has which gives its own client to <c>UseStorageClient</c>.</summary>
public sealed class StorageClientContractTests(MemoryServerFixture server) : ObjectStoreContract, IClassFixture<MemoryServerFixture>
{
    private readonly StorageClient _client = new StorageClientBuilder
    {
        BaseUri = $"{server.Endpoint}storage/v1/",
        UnauthenticatedAccess = true,
    }.Build();

    private ServiceProvider? _services;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await (_services?.DisposeAsync() ?? default);
        _client.Dispose();
    }

    protected override ValueTask<IObjectStore> CreateStoreAsync()
    {
        var services = new ServiceCollection();
        services.AddModelCache(options =>
        {
            options.SharedVolumeEnabled = true;
            options.MountPath = "/models";
            options.Bucket = server.NewBucket();
            options.Models.Add(new ModelOptions { Name = "llm", Kind = ModelKinds.Ollama, Source = "dir:///srv/models/llm" });
        }).UseStorageClient(_ => _client);
        _services = services.BuildServiceProvider();
        return new(_services.GetRequiredService<ModelCachePlaces>().Store!);
    }
}
