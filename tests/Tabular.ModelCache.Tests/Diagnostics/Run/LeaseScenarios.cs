using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>The life of a lease, by a clock that is moved.</summary>
internal static class LeaseScenarios
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(TelemetryRun run)
    {
        var clock = new FakeTimeProvider();
        var store = new FaultInjectingObjectStore(new InMemoryObjectStore(clock));
        await using var cache = run.New(store, new TestSource(("blobs/a", "content")), s => s.AddSingleton<TimeProvider>(clock));
        var leases = cache.Services.GetRequiredService<LeaseManager>();
        var operations = cache.Services.GetRequiredService<IModelCacheOperations>();

        // One that cannot be released is taken over.
        var left = await cache.AcquireAsync();
        store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;
        await left.DisposeAsync();
        store.Inject = null;
        var candidate = leases.CreateCandidate(TestCache.Model, isInCrowd: false);
        (await candidate.TryAcquireAsync(0, CancellationToken.None)).Should().BeNull("somebody seems to hold it");
        clock.Run(Ttl);
        var lost = await candidate.TryAcquireAsync(0, CancellationToken.None);

        // That one is lost, because it cannot be renewed.
        store.Inject = _ => StoreFault.FailBefore(ObjectStoreError.Unavailable);
        clock.Run(Ttl);
        lost!.Lost.IsCancellationRequested.Should().BeTrue();
        run.Observe();
        (await leases.CreateCandidate(TestCache.Model).TryAcquireAsync(0, CancellationToken.None)).Should().BeNull();
        await WhileTimePassesAsync(lost.DisposeAsync().AsTask());
        store.Inject = null;

        // An operator unlocks what it left.
        await WhileTimePassesAsync(operations.UnlockAsync(TestCache.Model));

        // A command waits for a holder.
        await using var held = await cache.AcquireAsync();
        await WhileTimePassesAsync(operations.SyncAsync(patience: TimeSpan.FromSeconds(3)));

        async Task WhileTimePassesAsync(Task task)
        {
            clock.Run(Ttl * 2);
            await task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
