using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>Syncs with every result, and the commands of an operator.</summary>
internal static class PublishScenarios
{
    private static readonly (string, string) KeepOne = ("ModelCache:Retention:Keep", "1");

    public static async Task RunAsync(TelemetryRun run)
    {
        await PublishHoldAndHealAsync(run);
        await RollBackAsync(run);
        await AdoptAndRetryTheFlipAsync(run);
        await ActivateWhatAPinAddedAsync(run);
        await LeaveTidyingToTheNextRunAsync(run);
    }

    private static async Task PublishHoldAndHealAsync(TelemetryRun run)
    {
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"));
        await using var cache = run.New(store, source);
        await SyncAsync(cache, SyncAction.Published);
        await SyncAsync(cache, SyncAction.Unchanged);
        source.Set(("blobs/a", "newer content"));
        var newer = await SyncAsync(cache, SyncAction.Published);
        source.Set(("blobs/a", "content"));
        await SyncAsync(cache, SyncAction.Held);
        source.Set(("blobs/a", "newer content"));
        await store.DeleteAsync($"ollama/{newer.Version}/blobs/a");
        await SyncAsync(cache, SyncAction.Healed);
    }

    private static async Task RollBackAsync(TelemetryRun run)
    {
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"));
        await using var cache = run.New(store, source, null, KeepOne, ("ModelCache:Retention:GracePeriod", "1.00:00:00"));
        await SyncAsync(cache, SyncAction.Published);
        source.Set(("blobs/a", "bad content"));
        var bad = await SyncAsync(cache, SyncAction.Published);
        var operations = Operations(cache);
        var rolledBack = await operations.RollBackAsync(TestCache.Model);
        await operations.PinAsync(TestCache.Model, rolledBack.Active!);
        await operations.ActivateAsync(TestCache.Model, bad.Version!);
        await operations.RollBackAsync(TestCache.Model);

        // What was rolled back from is pruned when the source has moved on; the operator's word stands when it comes back.
        await using var hurried = run.New(store, source, null, KeepOne);
        source.Set(("blobs/a", "mended content"));
        await SyncAsync(hurried, SyncAction.Published);
        source.Set(("blobs/a", "bad content"));
        await SyncAsync(hurried, SyncAction.Held);
    }

    private static async Task AdoptAndRetryTheFlipAsync(TelemetryRun run)
    {
        var store = new FaultInjectingObjectStore(new InMemoryObjectStore());
        await using var cache = run.New(store, new TestSource(("blobs/a", "content")));
        store.Inject = o => IsFlip(o) ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;
        await SyncAsync(cache, SyncAction.Failed);
        var flips = 0;
        store.Inject = o => IsFlip(o) && ++flips == 1 ? StoreFault.FailAfter() : StoreFault.None;
        await SyncAsync(cache, SyncAction.Adopted);
    }

    private static async Task ActivateWhatAPinAddedAsync(TelemetryRun run)
    {
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"));
        await using var cache = run.New(store, source);
        await SyncAsync(cache, SyncAction.Published);
        source.Set(("blobs/a", "newer content"));
        await using var pinned = run.New(store, source, null, ("ModelCache:Models:0:Digest", source.Digest));
        await SyncAsync(pinned, SyncAction.Published);
        await SyncAsync(cache, SyncAction.Activated);
    }

    private static async Task LeaveTidyingToTheNextRunAsync(TelemetryRun run)
    {
        var store = new FaultInjectingObjectStore(new InMemoryObjectStore());
        var source = new TestSource(("blobs/a", "content"));
        await using var cache = run.New(store, source, null, KeepOne);
        await SyncAsync(cache, SyncAction.Published);
        source.Set(("blobs/a", "newer content"));
        store.Inject = o => o.Kind == StoreOperationKind.Delete ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;
        (await SyncAsync(cache, SyncAction.Published)).ExitCode.Should().Be(ModelCacheExitCodes.Failed);
    }

    private static bool IsFlip(StoreOperation operation) => operation.IsMutation && operation.Name == "manifest.json";

    private static IModelCacheOperations Operations(TestCache cache) => cache.Services.GetRequiredService<IModelCacheOperations>();

    public static async Task<SyncResult> SyncAsync(TestCache cache, SyncAction expected)
    {
        var result = (await Operations(cache).SyncAsync()).Models.Single();
        result.Action.Should().Be(expected, result.Error);
        return result;
    }
}
