using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class ModelPublisherTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));

    [Fact]
    public async Task Publish_EmptyStore_MakesTheLayoutAndTheManifest()
    {
        await using var cache = New();

        var result = await cache.PublishAsync(PublishMode.Start);

        result.Action.Should().Be(PublishAction.Published);
        result.BytesPulled.Should().Be("first".Length + "second".Length + "refers to both".Length);
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Active.Should().Be(result.Version.Version).And.StartWith("demo-").And.EndWith(result.Version.Checksums[..12]);
        entry.Attempt.Should().StartWith("1-");
        result.Version.Files.Select(f => f.Path).Should().Equal("blobs/a", "blobs/b", "manifests/m", "SHA256SUMS", ".done");
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_UnchangedUpstream_WritesNothingButTheLease()
    {
        await using var cache = New();
        await cache.PublishAsync();
        var log = new FaultInjectingObjectStore(_store);
        await using var second = New(log);

        var result = await second.PublishAsync();

        result.Action.Should().Be(PublishAction.Unchanged);
        log.GetSnapshot().Where(o => o.IsMutation).Should().OnlyContain(o => o.Name.StartsWith(".locks/", StringComparison.Ordinal));
        _source.Reads.Should().Be(3);
    }

    [Fact]
    public async Task Publish_ChangedUpstream_CopiesWhatAKeptVersionHasOnTheServer()
    {
        await using var cache = New();
        var first = await cache.PublishAsync();
        _source.Set(("blobs/a", "first"), ("blobs/c", "third"), ("manifests/m", "refers to others"));

        var second = await cache.PublishAsync();

        second.BytesCopied.Should().Be("first".Length);
        second.BytesPulled.Should().Be("third".Length + "refers to others".Length);
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Versions.Select(v => v.Version).Should().Equal(second.Version.Version, first.Version.Version);
        entry.Versions[1].RetiredAt.Should().NotBeNull();
        entry.Versions[0].RetiredAt.Should().BeNull();
        await _store.ShouldBeSoundAsync();
    }

    [Theory]
    [InlineData("other bytes!!!", "sha256")]
    [InlineData("short", "ended after 5 of 14 bytes")]
    [InlineData("much longer than it was promised", "more than the 14 bytes")]
    public async Task Publish_SourceSendsOtherBytesThanPromised_PublishesNothing(string sent, string expected)
    {
        _source.Sent["manifests/m"] = System.Text.Encoding.UTF8.GetBytes(sent);
        await using var cache = New();

        var publish = () => cache.PublishAsync();

        (await publish.Should().ThrowAsync<ModelCacheException>()).WithMessage($"*manifests/m*{expected}*");
        (await _store.ReadAllAsync()).Keys.Should().NotContain(k => k.Contains("manifests/m", StringComparison.Ordinal));
        (await cache.ReadManifestAsync()).Manifest.Models.Should().BeEmpty();
        _source.Sent.Clear();
        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Published);
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_FiveVersions_KeepsTheLastThree()
    {
        await using var cache = New();
        for (var i = 1; i <= 5; i++)
        {
            _source.Set(("blobs/a", $"content {i}"));
            await cache.PublishAsync();
        }

        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Versions.Should().HaveCount(3);
        entry.Active.Should().Be(entry.Versions[0].Version);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_WithinTheGracePeriod_KeepsWhatWasActive()
    {
        await using var cache = New(settings: ("ModelCache:Retention:GracePeriod", "7.00:00:00"));
        for (var i = 1; i <= 5; i++)
        {
            _source.Set(("blobs/a", $"content {i}"));
            await cache.PublishAsync();
        }

        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Versions.Should().HaveCount(5);
    }

    [Fact]
    public async Task Publish_UpstreamBackAtAnEarlierDigest_IsHeldNotActivatedAgain()
    {
        await using var cache = New();
        await cache.PublishAsync();
        _source.Set(("blobs/a", "newer"));
        var newer = await cache.PublishAsync();
        _source.Set(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Held);
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(newer.Version.Version);
    }

    [Fact]
    public async Task Publish_RolledBackFromADigestThatNobodyKeeps_DoesNotPullItAgain()
    {
        await using var cache = New();
        var good = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "bad"));
        await cache.PublishAsync();
        await ChangeEntryAsync(cache, e => e with { Active = good.Version, Held = _source.Digest, Versions = [good] });
        var reads = _source.Reads;

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Held);
        _source.Reads.Should().Be(reads);
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(good.Version);
    }

    [Fact]
    public async Task Publish_HeldVersionBeyondRetention_IsKeptWhileTheSourceIsAtIt()
    {
        await using var cache = New(settings: ("ModelCache:Retention:Keep", "1"));
        var good = (await cache.PublishAsync()).Version;
        await using var patient = New(settings: ("ModelCache:Retention:GracePeriod", "7.00:00:00"));
        _source.Set(("blobs/a", "bad"));
        var bad = (await patient.PublishAsync()).Version with { RetiredAt = DateTimeOffset.UnixEpoch };
        await ChangeEntryAsync(cache, e => e with { Active = good.Version, Versions = [good, bad] });

        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Held);
        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Held, "the second run must not take what the first has pruned for new");

        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Versions.Select(v => v.Version).Should().Equal(good.Version, bad.Version);
    }

    [Fact]
    public async Task FindExpired_RetiredLaterThanNowByAFastClockWithoutGrace_LetsItGo()
    {
        await using var cache = New(settings: ("ModelCache:Retention:Keep", "1"));
        var now = DateTimeOffset.UnixEpoch;
        var entry = new ManifestEntry
        {
            Active = "new",
            Versions = [new ManifestVersion { Version = "new" }, new ManifestVersion { Version = "old", RetiredAt = now.AddSeconds(5) }],
        };

        var expired = cache.Services.GetRequiredService<VersionPruner>().FindExpired(entry, now);

        expired.Should().ContainSingle().Which.Version.Should().Be("old");
    }

    [Fact]
    public async Task Publish_PinnedDigest_AddsAVersionAndLeavesTheActiveOneAlone()
    {
        await using var cache = New();
        var active = await cache.PublishAsync();
        _source.Set(("blobs/a", "pinned"));
        await using var pinned = New(settings: ("ModelCache:Models:0:Digest", _source.Digest));

        var result = await pinned.PublishAsync(PublishMode.Start);

        result.Action.Should().Be(PublishAction.Published);
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Active.Should().Be(active.Version.Version);
        entry.Versions.Should().HaveCount(2);
    }

    [Fact]
    public async Task Publish_PinnedDigestThatTheSourceDoesNotHave_Fails()
    {
        await using var cache = New(settings: ("ModelCache:Models:0:Digest", "sha256:feed"));

        var publish = () => cache.PublishAsync(PublishMode.Start);

        (await publish.Should().ThrowAsync<ModelCacheException>()).WithMessage("*pinned to the digest 'sha256:feed'*");
    }

    [Fact]
    public async Task Publish_NameIsDoomed_IsEmptiedAndPublishedAgain()
    {
        await using var cache = New(settings: ("ModelCache:Retention:Keep", "1"));
        var first = await cache.PublishAsync();
        _source.Set(("blobs/z", "something else"));
        await cache.PublishAsync();
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Doomed.Should().ContainSingle(d => d.Version == first.Version.Version);
        _source.Set(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));

        var again = await cache.PublishAsync();

        again.Action.Should().Be(PublishAction.Published);
        again.Version.Version.Should().Be(first.Version.Version);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_LostLeaseBeforeTheFlip_StopsAndDeletesNothing()
    {
        await using var winner = New();
        await using var loser = New();
        await using var lease = await loser.AcquireAsync();
        _source.Opening = async (path, _) =>
        {
            // While the loser is reading its source, an operator gives its lease to somebody else, who finishes first.
            if (path == "blobs/a" && _source.Reads == 1)
            {
                await KilledProcess.ReleaseLeaseAsync(_store);
                await winner.PublishAsync(PublishMode.Start);
            }
        };

        var publish = () => loser.Services.GetRequiredService<ModelPublisher>()
            .PublishAsync(loser.Wanted, PublishMode.Start, lease, new TestCache.NoProgress(), CancellationToken.None);

        await publish.Should().ThrowAsync<ModelCacheException>();
        (await loser.ReadManifestAsync()).Manifest.Sequence.Should().Be(1);
        await _store.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Publish_TwoModelsAtOnce_LoseNeitherEntry()
    {
        var other = new TestSource(("models--x/refs/main", "c"));
        await using var one = New();
        await using var two = new TestCache(
            _store, other, null, ("ModelCache:Models:0:Name", "other"), ("ModelCache:Models:0:Kind", ModelKinds.Sbert));
        var racing = new FaultInjectingObjectStore(_store);
        await using var first = new TestCache(racing, _source, TestCache.UseFastClock);
        var raced = false;
        racing.Inject = o => o is { Kind: StoreOperationKind.Write, Name: VersionFiles.Manifest } && !raced
            ? StoreFault.RunBefore(async _ =>
            {
                raced = true;
                await using var lease = (await two.Services.GetRequiredService<LeaseManager>().CreateCandidate("other").TryAcquireAsync(0, default))!;
                await two.Services.GetRequiredService<ModelPublisher>()
                    .PublishAsync(two.Wanted, PublishMode.Start, lease, new TestCache.NoProgress(), CancellationToken.None);
            })
            : StoreFault.None;

        await first.PublishAsync();

        (await one.ReadManifestAsync()).Manifest.Models.Keys.Should().BeEquivalentTo(TestCache.Model, "other");
        (await one.ReadManifestAsync()).Manifest.Sequence.Should().Be(2);
        await _store.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Publish_FlipWhoseAnswerIsLost_IsRecognisedAsOwn()
    {
        var faulty = new FaultInjectingObjectStore(
            _store, o => o is { Kind: StoreOperationKind.Write, Name: VersionFiles.Manifest } ? StoreFault.FailAfter() : StoreFault.None);
        await using var cache = New(faulty);

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Published);
        (await cache.ReadManifestAsync()).Manifest.Sequence.Should().Be(1);
    }

    private TestCache New(IObjectStore? store = null, params (string Key, string Value)[] settings) => new(store ?? _store, _source, null, settings);

    private async Task ChangeEntryAsync(TestCache cache, Func<ManifestEntry, ManifestEntry> change)
    {
        var snapshot = await cache.ReadManifestAsync();
        await new ManifestStore(_store).ReplaceAsync(
            snapshot.Manifest.With(TestCache.Model, change(snapshot.Entry(TestCache.Model)!), "by hand"), snapshot.Generation, default);
    }
}
