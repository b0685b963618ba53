using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A process that is killed at one of its changes to the store.</summary>
internal static class KilledProcess
{
    /// <summary>Syncs as a process that is killed right before, or right after, its nth mutation.</summary>
    /// <returns>Whether it was killed; <see langword="false"/> when it had fewer mutations.</returns>
    public static async Task<bool> SyncAsync(
        InMemoryObjectStore store, TestSource source, int kill, bool afterEffect, params (string Key, string Value)[] settings)
    {
        var mutations = 0;
        var isDead = false;
        var dying = new FaultInjectingObjectStore(store);
        dying.Inject = o =>
        {
            if (isDead)
            {
                return StoreFault.FailBefore(ObjectStoreError.PermissionDenied);
            }

            if (!o.IsMutation || ++mutations < kill)
            {
                return StoreFault.None;
            }

            isDead = true;
            return afterEffect
                ? StoreFault.RunAfter(_ => throw new ObjectStoreException(ObjectStoreError.PermissionDenied, "killed"))
                : StoreFault.FailBefore(ObjectStoreError.PermissionDenied);
        };
        await using var victim = new TestCache(dying, source, null, settings);
        try
        {
            await using var lease = await victim.AcquireAsync();
            await victim.Services.GetRequiredService<ModelPublisher>()
                .PublishAsync(victim.Wanted, PublishMode.Sync, lease, new TestCache.NoProgress(), CancellationToken.None);
        }
        catch (Exception e) when (e is ObjectStoreException or ModelCacheException or InvalidOperationException)
        {
        }

        return isDead;
    }

    /// <summary>What the end of its time to live would do to the lease of a dead process.</summary>
    public static async Task ReleaseLeaseAsync(InMemoryObjectStore store)
    {
        if (await store.GetAsync(LeaseManager.ObjectNameOf(TestCache.Model)) is not null)
        {
            await store.PatchMetadataAsync(LeaseManager.ObjectNameOf(TestCache.Model), LeaseState.Release());
        }
    }
}
