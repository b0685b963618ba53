using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Startup;

/// <summary>What a start and an open gate make of a mount that fails, or shows something else than the bucket holds.</summary>
public sealed class MountFaultTests
{
    private const int InputOutputError = 5;
    private const int StaleHandle = 116;
    private const string Mountinfo = "40 36 0:50 / /models ro - fuse.gcsfuse";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"), ("manifests/m", "refers to it"));

    [Fact]
    public async Task Start_MountThatHidesFolders_NamesImplicitDirectories()
    {
        await PublishAsync();
        var mount = new ScriptedMount(_store) { ShowsFolder = _ => false };

        (await FailAsync(mount)).Should().EndWith(
            "the mount shows the manifest but not the folder: it hides folders that have no object of their own; mount with " +
            "implicit-dirs=true (Cloud Run's default), or set ModelCache:Mount:WriteFolderObjects where the model is published.");
    }

    [Fact]
    public async Task Start_MountThatStaysBehind_NamesItsCache()
    {
        var past = new InMemoryObjectStore();
        await PublishAsync(past);
        await PublishAsync();
        _source.Set(("blobs/a", "newer"), ("manifests/m", "refers to it"));
        await PublishAsync();

        (await FailAsync(new ScriptedMount(past))).Should().EndWith(
            "the mount still shows manifest sequence 1, the store has 2; lower the mount's metadata-cache-ttl-secs below ModelCache:Mount:LagTimeout.");
    }

    [Fact]
    public async Task Start_MountOfAnotherFolder_NamesThePrefix()
    {
        await PublishAsync();

        (await FailAsync(new ScriptedMount(new InMemoryObjectStore()))).Should().EndWith(
            "the mount shows no manifest.json: it shows the time before the first publish (lower its metadata-cache-ttl-secs below " +
            "ModelCache:Mount:LagTimeout), or another folder than ModelCache:Prefix names (only-dir).");
    }

    [Fact]
    public async Task Start_MountOfAnotherBucket_NamesBoth()
    {
        await PublishAsync();

        (await FailAsync(new ScriptedMount(new InMemoryObjectStore()), $"{Mountinfo} other ro\n")).Should().EndWith(
            "/models is a mount of 'other', but ModelCache:Bucket is 'bucket'; mount gs://bucket there, or set ModelCache:Bucket to the bucket that is mounted.");
    }

    [Fact]
    public async Task Start_MountWithALaterManifest_NamesBucketAndPrefix()
    {
        var other = new InMemoryObjectStore();
        await PublishAsync(other);
        _source.Set(("blobs/a", "newer"), ("manifests/m", "refers to it"));
        await PublishAsync(other);
        _source.Set(("blobs/a", "wanted"), ("manifests/m", "refers to it"));
        await PublishAsync();

        (await FailAsync(new ScriptedMount(other))).Should().EndWith(
            "the mount shows manifest sequence 2, the store has 1: mount the bucket and folder that ModelCache:Bucket and ModelCache:Prefix name.");
    }

    [Fact]
    public async Task Start_StaleHandleWhileReading_IsReadAgain()
    {
        await PublishAsync();
        var failures = 1;
        var mount = new ScriptedMount(_store)
        {
            Opening = path =>
            {
                if (path.EndsWith("blobs/a", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) == 0)
                {
                    throw new IOException("Stale file handle", StaleHandle);
                }
            },
        };
        await using var cache = Create(mount, settings: ("ModelCache:Verification", "Content"));

        (await cache.StartAndGetAsync()).CacheHit.Should().BeTrue();

        failures.Should().BeNegative("the file was opened again");
    }

    [Fact]
    public async Task Start_ReadFails_BlamesTheMountOnlyWhileTheStoreHoldsWhatWasPublished()
    {
        var version = await PublishAsync();
        var mount = new ScriptedMount(_store)
        {
            Opening = path =>
            {
                if (path.EndsWith("blobs/a", StringComparison.Ordinal))
                {
                    throw new IOException("Input/output error", InputOutputError);
                }
            },
        };
        (await FailAsync(mount, settings: ("ModelCache:Verification", "Content"))).Should().StartWith(
            $"The mount /models failed to read '/models/{version.Path}/blobs/a' (input/output error)");

        await _store.WriteBytesAsync($"{version.Path}/blobs/a", "CONTENT"u8.ToArray(), new ObjectWriteOptions(), default);

        (await FailAsync(mount, settings: ("ModelCache:Verification", "Content"))).Should().Match(
            $"The file {version.Path}/blobs/a is not what was published: expected 7 bytes, crc32c *, generation * in {_store.DisplayName}, found 7 bytes, *");
    }

    [Fact]
    public async Task Monitor_DeadMount_TurnsHealthRedAndBack()
    {
        await PublishAsync();
        ModelCacheException? failure = null;
        await using var cache = Create(new ScriptedMount(_store) { Probing = () => Volatile.Read(ref failure) }, time: new FastClock(50));
        await cache.StartAndGetAsync();
        (await CheckAsync(cache)).Status.Should().Be(HealthStatus.Healthy);

        Volatile.Write(ref failure, new ModelCacheException("The mount is dead."));
        (await WaitForHealthAsync(cache, HealthStatus.Unhealthy)).Description.Should().Be("The mount is dead.");
        Volatile.Write(ref failure, null);
        await WaitForHealthAsync(cache, HealthStatus.Healthy);

        cache.ExitCode.Value.Should().BeNull();
        cache.Cache.TryGetModel(TestCache.Model, out _).Should().BeTrue();
    }

    [Fact]
    public async Task Monitor_DeadMountWithStopHostWhenDead_StopsTheHostWith70()
    {
        await PublishAsync();
        ModelCacheException? failure = null;
        await using var cache = Create(
            new ScriptedMount(_store) { Probing = () => Volatile.Read(ref failure) },
            time: new FastClock(50),
            settings: ("ModelCache:Mount:StopHostWhenDead", "true"));
        await cache.StartAndGetAsync();

        Volatile.Write(ref failure, new ModelCacheException("The mount is dead."));
        await WaitForAsync(cache, s => s.State == ModelCacheState.Failed);

        cache.Cache.Status.Reason.Should().Be("The mount is dead.");
        await FluentActions.Awaiting(() => cache.Cache.GetModelAsync(TestCache.Model).AsTask()).Should().ThrowAsync<ModelCacheException>();
        var stopping = new TaskCompletionSource();
        cache.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task.WaitAsync(Patience);
        cache.ExitCode.Value.Should().Be(ModelCacheExitCodes.Failed);
    }

    [Fact]
    public async Task Stop_MountDiesWhileTheServerDrains_IsNoFailure()
    {
        var check = new TaskCompletionSource();
        await using var cache = Create(new ScriptedMount(_store) { Checking = check.Task });
        await cache.StartAsync();
        var service = cache.Services.GetServices<IHostedService>().OfType<ModelCacheService>().Single();

        // Called before any service is told to stop, as a server is that drains first.
        using var draining = cache.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() =>
        {
            check.SetException(new ModelCacheException("The mount is dead."));
            service.ExecuteTask!.Wait(Patience).Should().BeTrue();
        });
        await cache.StopAsync();

        cache.ExitCode.Value.Should().BeNull();
        cache.Log.GetSnapshot().Should().NotContain(r => r.Level == LogLevel.Critical);
    }

    private TestCache Create(
        IModelMount mount, string mountinfo = "", TimeProvider? time = null, params (string Key, string Value)[] settings) => new(
        _store,
        _source,
        b =>
        {
            b.Services.AddSingleton(mount);
            b.Services.AddSingleton(new MountTable(() => mountinfo));
            if (time is not null)
            {
                b.Services.AddSingleton(new ModelCacheClock(time, new Random(1)));
            }
        },
        [
            ("ModelCache:SharedVolumeEnabled", "true"),
            ("ModelCache:Bucket", "bucket"),
            .. settings,
        ]);

    /// <summary>Starts an instance that is expected to fail.</summary>
    /// <returns>Why it did.</returns>
    private async Task<string> FailAsync(IModelMount mount, string mountinfo = "", params (string Key, string Value)[] settings)
    {
        await using var cache = Create(mount, mountinfo, null, [("ModelCache:Mount:LagTimeout", "00:00:00.3"), ("ModelCache:FailureBehavior", "StayUnready"), .. settings]);
        await cache.StartAsync();
        return (await WaitForAsync(cache, s => s.State == ModelCacheState.Failed)).Reason!;
    }

    private async Task<ManifestVersion> PublishAsync(IObjectStore? store = null)
    {
        await using var cache = new TestCache(store ?? _store, _source);
        return (await cache.PublishAsync()).Version;
    }

    private static async Task<ModelCacheStatus> WaitForAsync(TestCache cache, Predicate<ModelCacheStatus> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        await foreach (var status in cache.Cache.WatchAsync(deadline.Token))
        {
            if (condition(status))
            {
                return status;
            }
        }

        throw new InvalidOperationException("The host stopped before that.");
    }

    private static async Task<HealthReportEntry> CheckAsync(TestCache cache) =>
        (await cache.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries.Single().Value;

    private static async Task<HealthReportEntry> WaitForHealthAsync(TestCache cache, HealthStatus expected)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var entry = await CheckAsync(cache);
            if (entry.Status == expected)
            {
                return entry;
            }

            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
