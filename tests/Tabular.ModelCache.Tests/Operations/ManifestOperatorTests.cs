using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Operations;

public sealed class ManifestOperatorTests : IAsyncDisposable
{
    private readonly InMemoryObjectStore _store = new();
    private readonly FaultInjectingObjectStore _log;
    private readonly TestSource _source = new(("blobs/a", "content 1"));
    private readonly TestCache _cache;
    private readonly List<ManifestVersion> _versions = [];

    public ManifestOperatorTests()
    {
        _log = new FaultInjectingObjectStore(_store);
        _cache = new TestCache(_log, _source, null, ("ModelCache:Retention:GracePeriod", "7.00:00:00"));
    }

    private IModelCacheOperations Operations => _cache.Services.GetRequiredService<IModelCacheOperations>();

    [Fact]
    public async Task RollBack_NoVersionNamed_GoesToTheOneActiveBeforeByOneMutationAndCopiesNothing()
    {
        await PublishAsync(2);
        var before = _log.GetSnapshot().Count;

        var report = await Operations.RollBackAsync(TestCache.Model, reason: "answers are worse");

        report.Should().BeEquivalentTo(new
        {
            Model = TestCache.Model,
            Action = ChangeAction.RolledBack,
            Version = _versions[0].Version,
            PreviouslyActive = _versions[1].Version,
            Active = _versions[0].Version,
            Held = _versions[1].Source.Digest,
            Reason = "answers are worse",
            Sequence = 3,
        });
        ShouldHaveWrittenTheManifestOnce(before);
        var entry = await EntryAsync();
        entry.Find(_versions[0].Version)!.RetiredAt.Should().BeNull("it is active");
        entry.Find(_versions[1].Version)!.RetiredAt.Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5), "its grace period begins");
        entry.HeldReason.Should().Be("answers are worse");
        _cache.Log.GetSnapshot().Should().Contain(r => r.Message.Contains("Rolled back demo") && r.Message.Contains("answers are worse"));
    }

    [Fact]
    public async Task RollBack_ThenSyncs_StayUntilActivateThatFollowsTheSourceAgain()
    {
        await PublishAsync(2);
        await Operations.RollBackAsync(TestCache.Model);

        (await SyncAsync()).Action.Should().Be(SyncAction.Held);
        (await EntryAsync()).Active.Should().Be(_versions[0].Version);

        var before = _log.GetSnapshot().Count;
        var report = await Operations.ActivateAsync(TestCache.Model, _versions[1].Version);

        ShouldHaveWrittenTheManifestOnce(before);
        report.Action.Should().Be(ChangeAction.Activated);
        report.Held.Should().BeNull();
        (await EntryAsync()).Should().BeEquivalentTo(new { Active = _versions[1].Version, Held = (string?)null, HeldReason = (string?)null });
        (await SyncAsync()).Action.Should().Be(SyncAction.Unchanged);
        _source.Set(("blobs/a", "content 3"));
        (await SyncAsync()).Action.Should().Be(SyncAction.Published);
    }

    [Fact]
    public async Task RollBack_UpstreamChangesAfterwards_PublishesTheNewDigestAndStillHoldsTheOld()
    {
        await PublishAsync(2);
        await Operations.RollBackAsync(TestCache.Model);
        _source.Set(("blobs/a", "mended"));

        (await SyncAsync()).Action.Should().Be(SyncAction.Published);

        (await EntryAsync()).Held.Should().Be(_versions[1].Source.Digest);
    }

    [Fact]
    public async Task RollBack_Twice_GoesFurtherBackAndNeverForward()
    {
        await PublishAsync(3);

        (await Operations.RollBackAsync(TestCache.Model)).Active.Should().Be(_versions[1].Version);
        (await Operations.RollBackAsync(TestCache.Model)).Active.Should().Be(_versions[0].Version);
        var third = () => Operations.RollBackAsync(TestCache.Model);

        (await third.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"*no kept version that was active before {_versions[0].Version}*{_versions[2].Version}*{_versions[1].Version}*(active)*--to*");
    }

    [Fact]
    public async Task RollBack_AfterActivatingAnOlderVersion_GoesBackToWhatWasActive()
    {
        await PublishAsync(3);
        await Operations.ActivateAsync(TestCache.Model, _versions[0].Version);

        (await Operations.RollBackAsync(TestCache.Model)).Active.Should().Be(_versions[2].Version);
    }

    [Fact]
    public async Task RollBack_ToTheActiveVersion_ChangesNothingAndTakesNoLease()
    {
        await PublishAsync(1);
        var before = _log.GetSnapshot().Count;

        (await Operations.RollBackAsync(TestCache.Model, _versions[0].Version)).Action.Should().Be(ChangeAction.Unchanged);

        _log.GetSnapshot().Skip(before).Should().NotContain(o => o.IsMutation);
    }

    [Fact]
    public async Task Activate_DamagedVersion_IsRefusedAndChangesNothing()
    {
        await PublishAsync(2);
        await _store.DeleteAsync($"{_versions[0].Path}/blobs/a");

        var activate = () => Operations.ActivateAsync(TestCache.Model, _versions[0].Version);
        var rollBack = () => Operations.RollBackAsync(TestCache.Model);

        (await activate.Should().ThrowAsync<ModelCacheException>()).WithMessage($"*{_versions[0].Version}*is damaged*blobs/a*is missing*Nothing was changed*");
        await rollBack.Should().ThrowAsync<ModelCacheException>();
        (await _cache.ReadManifestAsync()).Manifest.Sequence.Should().Be(2);
    }

    [Fact]
    public async Task Commands_UnknownOrDoomedVersion_AreRefusedWithTheKeptOnesBeforeAnyLease()
    {
        await PublishAsync(2);
        var snapshot = await _cache.ReadManifestAsync();
        var entry = snapshot.Entry(TestCache.Model)!;
        await new ManifestStore(_store).ReplaceAsync(
            snapshot.Manifest.With(
                TestCache.Model,
                entry with
                {
                    Versions = [_versions[1]],
                    Doomed = [new DoomedVersion { Version = _versions[0].Version, Path = _versions[0].Path }],
                },
                "by hand"),
            snapshot.Generation,
            default);
        var before = _log.GetSnapshot().Count;

        foreach (var (version, expected) in new[] { (_versions[0].Version, "is being deleted"), ("demo-2020-01-31", "has no version 'demo-2020-01-31'") })
        {
            Func<Task>[] commands =
            [
                () => Operations.RollBackAsync(TestCache.Model, version),
                () => Operations.ActivateAsync(TestCache.Model, version),
                () => Operations.PinAsync(TestCache.Model, version),
                () => Operations.UnpinAsync(TestCache.Model, version),
            ];
            foreach (var command in commands)
            {
                (await command.Should().ThrowAsync<ModelCacheException>()).WithMessage($"*{expected}*kept are {_versions[1].Version} (active).");
            }
        }

        _log.GetSnapshot().Skip(before).Should().NotContain(o => o.IsMutation);
    }

    [Fact]
    public async Task Activate_NameWithoutDigest_FindsTheVersion()
    {
        await PublishAsync(1);

        var report = await Operations.ActivateAsync("DEMO", _versions[0].Version[..^13]);

        report.Should().BeEquivalentTo(new { Model = TestCache.Model, _versions[0].Version, Action = ChangeAction.Unchanged });
    }

    [Fact]
    public async Task Pin_ThenUnpin_WriteTheManifestOnceEach()
    {
        await PublishAsync(2);
        var before = _log.GetSnapshot().Count;

        var pinned = await Operations.PinAsync(TestCache.Model, _versions[0].Version);

        ShouldHaveWrittenTheManifestOnce(before);
        pinned.Should().BeEquivalentTo(new { Action = ChangeAction.Pinned, Pins = new[] { _versions[0].Version }, Active = _versions[1].Version });
        (await Operations.PinAsync(TestCache.Model, _versions[0].Version)).Action.Should().Be(ChangeAction.Unchanged);
        (await Operations.UnpinAsync(TestCache.Model, _versions[0].Version)).Should().BeEquivalentTo(new { Action = ChangeAction.Unpinned, Pins = Array.Empty<string>() });
        (await Operations.UnpinAsync(TestCache.Model, _versions[0].Version)).Action.Should().Be(ChangeAction.Unchanged);
    }

    [Fact]
    public async Task RollBack_LeaseIsHeld_WaitsAndThenGivesUpWith75()
    {
        await PublishAsync(2);
        await using var lease = await _cache.AcquireAsync();

        var rollBack = () => Operations.RollBackAsync(TestCache.Model, patience: TimeSpan.Zero);

        (await rollBack.Should().ThrowAsync<ModelCacheException>()).Which.ExitCode.Should().Be(ModelCacheExitCodes.LeaseBusy);
        (await EntryAsync()).Active.Should().Be(_versions[1].Version);
    }

    [Fact]
    public async Task RollBack_AnotherModelIsFlippedMeanwhile_LosesNeitherEntry()
    {
        await PublishAsync(2);
        var raced = false;
        _log.Inject = o => o is { Kind: StoreOperationKind.Write, Name: VersionFiles.Manifest } && !raced
            ? StoreFault.RunBefore(async _ =>
            {
                raced = true;
                var snapshot = await new ManifestStore(_store).ReadAsync(default);
                await new ManifestStore(_store).ReplaceAsync(
                    snapshot.Manifest.With("other", new ManifestEntry { Kind = ModelKinds.Sbert }, "other"), snapshot.Generation, default);
            })
            : StoreFault.None;

        await using var operated = new TestCache(_log, _source, TestCache.UseFastClock, ("ModelCache:Retention:GracePeriod", "7.00:00:00"));
        var operations = operated.Services.GetRequiredService<IModelCacheOperations>();

        (await operations.RollBackAsync(TestCache.Model)).Action.Should().Be(ChangeAction.RolledBack);

        raced.Should().BeTrue();
        var after = await _cache.ReadManifestAsync();
        after.Manifest.Models.Keys.Should().BeEquivalentTo(TestCache.Model, "other");
        after.Entry(TestCache.Model)!.Active.Should().Be(_versions[0].Version);
    }

    [Fact]
    public async Task RollBack_VersionRolledBackFrom_IsKeptForItsGracePeriodFromThatMoment()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-01-02T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        var store = new InMemoryObjectStore(clock);
        await using var cache = new TestCache(
            store,
            _source,
            builder => builder.Services.AddSingleton<TimeProvider>(clock),
            ("ModelCache:Retention:Keep", "1"),
            ("ModelCache:Retention:GracePeriod", "7.00:00:00"));
        var operations = cache.Services.GetRequiredService<IModelCacheOperations>();
        await cache.PublishAsync();
        _source.Set(("blobs/a", "bad"));
        var bad = (await cache.PublishAsync()).Version.Version;
        clock.Advance(TimeSpan.FromDays(6));
        await operations.RollBackAsync(TestCache.Model);
        _source.Set(("blobs/a", "mended"));
        await cache.PublishAsync();

        clock.Advance(TimeSpan.FromDays(6));
        (await operations.PruneAsync(isDryRun: true)).Models[0].Versions.Should().NotContain(v => v.Version == bad);
        clock.Advance(TimeSpan.FromDays(2));
        (await operations.PruneAsync(isDryRun: true)).Models[0].Versions.Should().Contain(v => v.Version == bad);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("\u001b[2J")]
    public async Task RollBack_ReasonIsNoLine_IsRefused(string reason)
    {
        await PublishAsync(2);

        var rollBack = () => Operations.RollBackAsync(TestCache.Model, reason: reason);

        (await rollBack.Should().ThrowAsync<ModelCacheException>()).Which.ExitCode.Should().Be(ModelCacheExitCodes.Usage);
    }

    public async ValueTask DisposeAsync() => await _cache.DisposeAsync();

    private void ShouldHaveWrittenTheManifestOnce(int before)
    {
        var mutations = _log.GetSnapshot().Skip(before).Where(o => o.IsMutation && !o.Name.StartsWith(".locks/", StringComparison.Ordinal)).ToList();
        mutations.Should().ContainSingle().Which.Should().Match<StoreOperation>(o => o.Kind == StoreOperationKind.Write && o.Name == VersionFiles.Manifest);
    }

    private async Task PublishAsync(int count)
    {
        for (var i = 1; i <= count; i++)
        {
            _source.Set(("blobs/a", $"content {i}"));
            var result = await _cache.PublishAsync();
            result.Action.Should().Be(PublishAction.Published);
            _versions.Add(result.Version);
        }
    }

    private async Task<SyncResult> SyncAsync() => (await Operations.SyncAsync()).Models.Single();

    private async Task<ManifestEntry> EntryAsync() => (await _cache.ReadManifestAsync()).Entry(TestCache.Model)!;
}
