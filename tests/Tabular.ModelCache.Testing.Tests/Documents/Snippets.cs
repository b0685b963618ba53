#pragma warning disable IDE0011 // As the documents have it.
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tabular.ModelCache.Testing.Tests.Documents;

/// <summary>Code of documents that is part of nothing larger.</summary>
internal static class Snippets
{
    public static async Task<Process?> StartReaderAsync(IModelCache cache, CancellationToken ct)
    {
        // <snippet>
        var model = await cache.GetModelAsync("demo-llm", ct);
        var start = new ProcessStartInfo("ollama", "serve");
        foreach (var (name, value) in model.Environment) start.Environment[name] = value;   // OLLAMA_MODELS, OLLAMA_NOPRUNE=1
        // </snippet>
        return Process.Start(start);
    }

    public static void Observe(HostApplicationBuilder builder)
    {
        // <snippet>
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddModelCacheInstrumentation())
            .WithTracing(tracing => tracing.AddModelCacheInstrumentation());
        // </snippet>
    }

    public static async Task ControlAsync(FakeModelCache fake)
    {
        // <snippet>
        fake.Store.Inject = operation => operation is { Kind: StoreOperationKind.Write, Name: "manifest.json" }
            ? StoreFault.FailAfter()
            : StoreFault.None;
        var version = await fake.PublishAsync("demo-llm");       // by another process; the instance has looked at the manifest
        await fake.WaitForAsync(status => status.Models[0].Version == version);   // with ModelCache:FollowUpdates
        fake.Advance(TimeSpan.FromHours(1));                     // for the library alone
        // </snippet>
    }

    public static void UseStore(HostApplicationBuilder builder)
    {
        // <snippet>
        var store = new InMemoryObjectStore();
        var faulty = new FaultInjectingObjectStore(store, operation =>
            operation is { Kind: StoreOperationKind.Write, Name: "manifest.json" } ? StoreFault.FailAfter() : StoreFault.None);

        builder.Services.AddModelCache().UseObjectStore(_ => faulty);
        // </snippet>
    }

    public static async Task ServeModelsAsync()
    {
        // <snippet>
        await using var server = await ModelRegistryServer.StartAsync(new()
        {
            Delivery = ContentDelivery.RedirectToSecondPort,
            Fault = request => request is { Operation: "cdn", File: "pytorch_model.bin" } ? ModelRegistryFault.ResetAfter(1_000_000) : null,
        });
        server.AddOllamaModel("library/llama3.2", "1b", OllamaModels.Llama32(scale: 0.001));
        var commit = server.AddHubRepository("BAAI/bge-m3", HubModels.BgeM3(scale: 0.001));
        // ... pull from server.Endpoint ...
        server.AddHubCommit("BAAI/bge-m3", HubModels.BgeM3(scale: 0.001, seed: 2));   // upstream has moved on
        // </snippet>
        _ = commit;
    }

    public static async Task SignAsync()
    {
        // <snippet>
        await using var kms = await KeyManagementServer.StartAsync();
        var publicKey = kms.AddKeyVersion("projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1");
        // ModelCache:Signing:KmsEndpoint = kms.Endpoint, ModelCache:Signing:KmsKey = that name, ModelCache:Signing:TrustedKeys:0 = publicKey
        // </snippet>
        _ = publicKey;
    }
}
