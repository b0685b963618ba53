using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Startup;

public sealed class ModelCacheServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"), ("manifests/m", "refers to it"));

    [Fact]
    public async Task Start_EmptyStore_PullsAndOpensTheGate()
    {
        await using var cache = new TestCache(_store, _source);

        var model = await cache.StartAndGetAsync();

        model.CacheHit.Should().BeFalse();
        model.Outcome.Should().Be(CacheOutcome.Pulled);
        model.Environment.Should().Contain("OLLAMA_MODELS", model.Path).And.Contain("OLLAMA_NOPRUNE", "1");
        cache.Cache.Status.State.Should().Be(ModelCacheState.Ready);
        cache.Cache.Status.CacheHit.Should().BeFalse();
        cache.Cache.TryGetModel("DEMO", out _).Should().BeTrue();
    }

    [Fact]
    public async Task Start_PublishedStore_HitsWithoutWritingOrAskingTheSource()
    {
        await using (var first = new TestCache(_store, _source))
        {
            await first.StartAndGetAsync();
        }

        var log = new FaultInjectingObjectStore(_store);
        var resolves = _source.Resolves;
        await using var second = new TestCache(log, _source);

        var model = await second.StartAndGetAsync();

        model.CacheHit.Should().BeTrue();
        model.Outcome.Should().Be(CacheOutcome.Hit);
        log.GetSnapshot().Should().NotContain(o => o.IsMutation);
        _source.Resolves.Should().Be(resolves);
    }

    [Fact]
    public async Task Start_TwoInstancesOnAnEmptyStore_OnePullsAndOneWaits()
    {
        var release = new TaskCompletionSource();
        var opened = new TaskCompletionSource();
        _source.Opening = async (_, token) =>
        {
            opened.TrySetResult();
            await release.Task.WaitAsync(token);
        };
        await using var one = new TestCache(_store, _source);
        await using var other = new TestCache(_store, _source);
        await one.StartAsync();
        await opened.Task.WaitAsync(Patience);
        await other.StartAsync();
        await other.WaitForAsync(s => s.State == ModelCacheState.AcquiringLease && s.Reason!.Contains("waiting for", StringComparison.Ordinal));

        release.SetResult();
        var models = await Task.WhenAll(
            one.Cache.GetModelAsync(TestCache.Model).AsTask(), other.Cache.GetModelAsync(TestCache.Model).AsTask()).WaitAsync(Patience);

        models.Select(m => m.Outcome).Should().Equal(CacheOutcome.Pulled, CacheOutcome.Waited);
        models.Select(m => m.CacheHit).Should().Equal(false, true);
        _source.Reads.Should().Be(2);
    }

    [Fact]
    public async Task Start_FailingSource_EndsWithExitCode70AndOneCriticalLine()
    {
        _source.Sent["blobs/a"] = [1, 2, 3];
        await using var cache = new TestCache(_store, _source);
        var stopped = new TaskCompletionSource();
        cache.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => stopped.TrySetResult());

        await cache.StartAsync();
        await stopped.Task.WaitAsync(Patience);

        cache.ExitCode.Value.Should().Be(70);
        var critical = cache.Log.GetSnapshot().Where(r => r.Level == LogLevel.Critical).ToList();
        critical.Should().ContainSingle().Which.Exception.Should().BeNull("an expected failure is one line");
        critical[0].Message.Should().Contain("blobs/a");
        var get = () => cache.Cache.GetModelAsync(TestCache.Model).AsTask();
        (await get.Should().ThrowAsync<ModelCacheException>()).WithMessage("*blobs/a*");
        (await _store.GetAsync(LeaseManager.ObjectNameOf(TestCache.Model)))!.Metadata["state"].Should().Be("released");
    }

    [Fact]
    public async Task Start_FailingWithStayUnready_KeepsTheHost()
    {
        _source.Sent["blobs/a"] = [1, 2, 3];
        await using var cache = new TestCache(_store, _source, null, ("ModelCache:FailureBehavior", "StayUnready"));
        await cache.StartAsync();

        await cache.WaitForAsync(s => s.State == ModelCacheState.Failed);

        cache.ExitCode.Value.Should().BeNull();
        cache.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Start_DeadlinePasses_SaysWhatWasAwaited()
    {
        _source.Opening = (_, token) => Task.Delay(Timeout.Infinite, token);
        await using var cache = new TestCache(
            _store, _source, null, ("ModelCache:StartupDeadline", "00:00:01"), ("ModelCache:FailureBehavior", "StayUnready"));

        await cache.StartAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.Failed);

        cache.Cache.Status.Reason.Should().Contain("00:00:01").And.Contain("Pulling").And.Contain("pulling 2 files");
    }

    [Theory]
    [InlineData("DONE")]
    [InlineData("SHA256SUMS")]
    [InlineData("blobs/a")]
    public async Task Start_FileMissing_WaitsAndThenSaysWhatItWaitedFor(string missing)
    {
        var version = await PublishAsync();
        missing = missing == "DONE" ? ".done" : missing;
        await _store.DeleteAsync($"{version.Path}/{missing}");
        await using var cache = new TestCache(
            _store, _source, null, ("ModelCache:Mount:LagTimeout", "00:00:00.5"), ("ModelCache:FailureBehavior", "StayUnready"));
        var states = new List<ModelCacheState>();

        await cache.StartAsync();
        await cache.WaitForAsync(s =>
        {
            states.Add(s.State);
            return s.State == ModelCacheState.Failed;
        });

        cache.Cache.Status.Reason.Should().Contain($"{version.Path}/{missing}").And.MatchRegex(@"waited \d+(\.\d)? s for");
        states.Should().Contain(ModelCacheState.WaitingForMount);
    }

    [Fact]
    public async Task Start_FileAppearsWhileWaiting_BecomesReady()
    {
        var version = await PublishAsync();
        var done = (await _store.ReadAllAsync($"{version.Path}/.done", 1000, default))!.Bytes;
        await _store.DeleteAsync($"{version.Path}/.done");
        await using var cache = new TestCache(_store, _source);
        await cache.StartAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.WaitingForMount);

        await _store.WriteBytesAsync($"{version.Path}/.done", done, new ObjectWriteOptions(), default);
        var model = await cache.Cache.GetModelAsync(TestCache.Model).AsTask().WaitAsync(Patience);

        model.CacheHit.Should().BeTrue();
    }

    [Fact]
    public async Task Start_ActiveVersionDamagedAndFallbackAllowed_ServesTheOlderOneDegraded()
    {
        var older = await PublishAsync();
        _source.Set(("blobs/a", "newer content"), ("manifests/m", "refers to it"));
        var newer = await PublishAsync();
        await _store.WriteBytesAsync($"{newer.Path}/blobs/a", [0], new ObjectWriteOptions(), default);
        await using var cache = new TestCache(_store, _source, null, ("ModelCache:FallbackToPreviousVersion", "true"));

        var model = await cache.StartAndGetAsync();

        model.Version.Should().Be(older.Version);
        model.Outcome.Should().Be(CacheOutcome.Fallback);
        cache.Cache.Status.State.Should().Be(ModelCacheState.Degraded);
        cache.Cache.Status.Reason.Should().Contain("blobs/a").And.Contain("13 bytes").And.Contain("1 bytes");
    }

    [Fact]
    public async Task Start_PullFailsOnTheWayAndFallbackAllowed_CountsAsADownload()
    {
        var older = await PublishAsync();
        _source.Set(("blobs/a", "newer content"), ("manifests/m", "refers to it"));
        _source.Sent["blobs/a"] = "newer"u8.ToArray();
        await using var cache = new TestCache(
            _store, _source, null, ("ModelCache:FallbackToPreviousVersion", "true"), ("ModelCache:Models:0:Digest", _source.Digest));

        var model = await cache.StartAndGetAsync();

        model.Version.Should().Be(older.Version);
        model.Outcome.Should().Be(CacheOutcome.Fallback);
        model.CacheHit.Should().BeFalse();
        cache.Cache.Status.CacheHit.Should().BeFalse();
    }

    [Fact]
    public async Task Start_VersionPrunedSinceTheManifestWasRead_ServesTheOneThatIsActiveNow()
    {
        await PublishAsync();
        var racing = new FaultInjectingObjectStore(_store);
        var raced = false;
        racing.Inject = o => o.Kind == StoreOperationKind.List && !raced
            ? StoreFault.RunBefore(async _ =>
            {
                // Between this start's read of the manifest and its look at the files, a sync replaces and prunes the version.
                raced = true;
                _source.Set(("blobs/a", "newer content"));
                await PublishAsync(("ModelCache:Retention:Keep", "1"));
            })
            : StoreFault.None;
        await using var cache = new TestCache(racing, _source, null, ("ModelCache:Mount:LagTimeout", "00:00:00"));

        var model = await cache.StartAndGetAsync();

        model.CacheHit.Should().BeTrue();
        model.Version.Should().Be((await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active);
    }

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    [InlineData("Content")]
    public async Task Start_FileCutShort_IsRefusedAtEveryLevel(string level)
    {
        var version = await PublishAsync();
        await _store.WriteBytesAsync($"{version.Path}/blobs/a", "conten"u8.ToArray(), new ObjectWriteOptions(), default);

        (await FailAsync(level)).Should().Contain("blobs/a").And.Contain("expected 7 bytes").And.Contain("6 bytes");
    }

    [Theory]
    [InlineData("Metadata", "crc32c")]
    [InlineData("Content", "sha256")]
    public async Task Start_ByteFlipped_IsRefusedByName(string level, string expected)
    {
        var version = await PublishAsync();
        await _store.WriteBytesAsync($"{version.Path}/blobs/a", "cOntent"u8.ToArray(), new ObjectWriteOptions(), default);

        (await FailAsync(level)).Should().Contain($"{version.Path}/blobs/a").And.Contain(expected).And.Contain("found");
    }

    [Fact]
    public async Task Start_PinnedVersion_IsServedWhateverIsActive()
    {
        var older = await PublishAsync();
        _source.Set(("blobs/a", "newer content"));
        await PublishAsync();
        await using var cache = new TestCache(_store, _source, null, ("OLLAMA_MODELS", $"/models/ollama/{older.Version}"));

        (await cache.StartAndGetAsync()).Version.Should().Be(older.Version);
    }

    [Fact]
    public async Task Start_PinnedVersionThatDoesNotExist_FailsWithoutPulling()
    {
        var reason = await FailAsync("Marker", ("ModelCache:Models:0:Version", "demo-2020-01-01"));

        reason.Should().Contain("demo-2020-01-01").And.Contain("does not exist").And.Contain("never pulled");
        _source.Resolves.Should().Be(0);
    }

    [Fact]
    public async Task Start_PullingNotAllowed_FailsAndNamesTheSetting()
    {
        (await FailAsync("Marker", ("ModelCache:PullWhenStale", "false"))).Should().Contain("ModelCache:PullWhenStale");
        _source.Resolves.Should().Be(0);
    }

    [Fact]
    public async Task Stop_WhileWaitingForTheLease_EndsQuietly()
    {
        await using var holder = new TestCache(_store, _source);
        await using var lease = await holder.AcquireAsync();
        await using var cache = new TestCache(_store, _source);
        await cache.StartAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.AcquiringLease);

        await cache.StopAsync().WaitAsync(Patience);

        cache.ExitCode.Value.Should().BeNull();
        cache.Log.GetSnapshot().Should().NotContain(r => r.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Stop_WhilePulling_ReleasesTheLease()
    {
        var opened = new TaskCompletionSource();
        _source.Opening = (_, token) =>
        {
            opened.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        await using var cache = new TestCache(_store, _source);
        await cache.StartAsync();
        await opened.Task.WaitAsync(Patience);

        await cache.StopAsync().WaitAsync(Patience);

        (await _store.GetAsync(LeaseManager.ObjectNameOf(TestCache.Model)))!.Metadata["state"].Should().Be("released");
        cache.Log.GetSnapshot().Should().NotContain(r => r.Level >= LogLevel.Error);
        var get = () => cache.Cache.GetModelAsync(TestCache.Model).AsTask();
        await get.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Ready_ServedVersionLeavesTheManifest_TurnsDegradedAndKeepsServing()
    {
        await using var cache = new TestCache(
            _store, _source, null, ("ModelCache:Mount:ProbeInterval", "00:00:01"), ("ModelCache:Retention:Keep", "1"));
        await cache.StartAndGetAsync();
        _source.Set(("blobs/a", "newer content"));
        await PublishAsync(("ModelCache:Retention:Keep", "1"));

        await cache.WaitForAsync(s => s.State == ModelCacheState.Degraded);

        cache.Cache.TryGetModel(TestCache.Model, out _).Should().BeTrue();
        cache.Cache.Status.Reason.Should().Contain("no longer in the manifest");
    }

    [Fact]
    public async Task Watch_FromTheStart_EndsAtReadyAndAfterTheHost()
    {
        await using var cache = new TestCache(_store, _source);
        var states = new List<ModelCacheState>();
        var watching = Task.Run(async () =>
        {
            await foreach (var status in cache.Cache.WatchAsync())
            {
                states.Add(status.State);
            }
        });

        await cache.StartAndGetAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.Ready);
        await cache.StopAsync();
        await watching.WaitAsync(Patience);

        states[^1].Should().Be(ModelCacheState.Ready);
    }

    [Fact]
    public async Task GetModel_UnknownName_ThrowsAtOnce()
    {
        await using var cache = new TestCache(_store, _source);

        var get = () => cache.Cache.GetModelAsync("other").AsTask();

        (await get.Should().ThrowAsync<ArgumentException>()).WithMessage("*'other'*demo*");
        cache.Cache.Invoking(c => c.TryGetModel("other", out _)).Should().Throw<ArgumentException>();
    }

    private async Task<ManifestVersion> PublishAsync(params (string Key, string Value)[] settings)
    {
        await using var cache = new TestCache(_store, _source, null, settings);
        return (await cache.PublishAsync(PublishMode.Sync)).Version;
    }

    private async Task<string> FailAsync(string level, params (string Key, string Value)[] settings)
    {
        await using var cache = new TestCache(
            _store,
            _source,
            null,
            [("ModelCache:Verification", level), ("ModelCache:FailureBehavior", "StayUnready"), .. settings]);
        await cache.StartAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.Failed);
        return cache.Cache.Status.Reason!;
    }
}
