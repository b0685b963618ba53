using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Startup;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>Starts with every outcome, and those that fail.</summary>
internal static class StartScenarios
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(TelemetryRun run)
    {
        await PullAndHitAsync(run);
        await WaitForAnotherAsync(run);
        await FallBackAsync(run);
        await FailAsync(run);
        await LoseThePullAsync(run);
        await WaitForTheMountAsync(run);
        await CheckMountOfAnotherBucketAsync(run);
    }

    private static async Task PullAndHitAsync(TelemetryRun run)
    {
        var clock = new FakeTimeProvider();
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"))
        {
            Opening = (_, _) =>
            {
                // Long enough for a line about the progress, and short enough for the lease.
                clock.Run(TimeSpan.FromSeconds(6));
                return Task.CompletedTask;
            },
        };
        await using (var pulls = run.New(store, source, s => s.AddSingleton<TimeProvider>(clock)))
        {
            await pulls.StartAndGetAsync();
        }

        await using var hits = run.New(store, source, null, ("ModelCache:Verification", "Content"));
        await hits.StartAndGetAsync();
    }

    private static async Task WaitForAnotherAsync(TelemetryRun run)
    {
        var (release, opened) = (new TaskCompletionSource(), new TaskCompletionSource());
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"))
        {
            Opening = async (_, token) =>
            {
                opened.TrySetResult();
                await release.Task.WaitAsync(token);
            },
        };
        await using var pulls = run.New(store, source);
        await pulls.StartAsync();
        await opened.Task.WaitAsync(Patience);
        await using var waits = run.New(store, source);
        await waits.StartAsync();
        await waits.WaitForAsync(s => s.State == ModelCacheState.AcquiringLease && s.Reason!.Contains("waiting for", StringComparison.Ordinal));
        release.SetResult();
        await waits.WaitForAsync(s => s.IsReady);
    }

    private static async Task FallBackAsync(TelemetryRun run)
    {
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "content"));
        await using var publisher = run.New(store, source);
        await publisher.PublishAsync();
        source.Set(("blobs/a", "newer content"));
        var damaged = await publisher.PublishAsync();
        await store.WriteBytesAsync($"{damaged.Version.Path}/blobs/a", [0], new ObjectWriteOptions(), CancellationToken.None);
        await using var cache = run.New(store, source, null, ("ModelCache:FallbackToPreviousVersion", "true"));
        await cache.StartAndGetAsync();
    }

    private static async Task FailAsync(TelemetryRun run)
    {
        var source = new TestSource(("blobs/a", "content"));
        source.Sent["blobs/a"] = [0];
        await using var cache = run.New(new InMemoryObjectStore(), source, null, ("ModelCache:FailureBehavior", "StayUnready"));
        await cache.StartAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.Failed);
    }

    private static async Task LoseThePullAsync(TelemetryRun run)
    {
        await using var world = new FollowingInstance { Configure = run.Attach };
        var opened = 0;
        world.Source.Opening = async (_, token) =>
        {
            if (Interlocked.Increment(ref opened) == 1)
            {
                await world.Store.PatchMetadataAsync(LeaseManager.ObjectNameOf(FollowingInstance.Model), LeaseState.Release(), cancellationToken: token);
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        await world.StartAsync();
        run.Observe();
    }

    private static async Task WaitForTheMountAsync(TelemetryRun run)
    {
        var store = new InMemoryObjectStore();
        var looks = 0;
        var mount = new ScriptedMount(store) { ShowsFolder = _ => ++looks > 1 };
        await using var cache = run.New(store, new TestSource(("blobs/a", "content")), s => s.AddSingleton<IModelMount>(mount));
        await cache.StartAndGetAsync();
    }

    private static async Task CheckMountOfAnotherBucketAsync(TelemetryRun run)
    {
        var folder = Directory.CreateTempSubdirectory("model-mount-").FullName;
        try
        {
            await using var cache = run.New(
                new InMemoryObjectStore(),
                new TestSource(("blobs/a", "content")),
                services =>
                {
                    services.Remove(services.Last(s => s.ServiceType == typeof(IModelMount)));
                    services.AddSingleton(new MountTable(() => $"40 36 0:50 / {folder} ro - fuse.gcsfuse another ro\n"));
                },
                ("ModelCache:SharedVolumeEnabled", "true"),
                ("ModelCache:Bucket", "bucket"),
                ("ModelCache:MountPath", folder));
            await cache.Services.GetRequiredService<IModelMount>().CheckAsync(CancellationToken.None);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
