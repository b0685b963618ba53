using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A sync finds the active version damaged and publishes it again, without touching the folder that readers have open.</summary>
public sealed class HealTests
{
    private static readonly (string, string) LongGrace = ("ModelCache:Retention:GracePeriod", "7.00:00:00");

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));

    [Fact]
    public async Task Sync_BlobWasDeleted_PullsThatBlobAloneAndLeavesTheFolderOfRunningReaders()
    {
        await using var cache = New(LongGrace);
        var damaged = (await cache.PublishAsync()).Version;
        await _store.DeleteAsync($"{damaged.Path}/blobs/a");
        var before = await ReadFolderAsync(damaged);

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Healed);
        result.BytesPulled.Should().Be("first".Length);
        result.BytesCopied.Should().Be("second".Length + "refers to both".Length);
        result.Version.Checksums.Should().Be(damaged.Checksums, "the content is the same");
        result.Version.Version.Should().NotBe(damaged.Version, "a folder never changes once it is done");
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Active.Should().Be(result.Version.Version);
        entry.Versions.Select(v => v.Version).Should().Equal(result.Version.Version, damaged.Version);
        entry.Versions[1].RetiredAt.Should().NotBeNull("who runs on it has a grace period");
        (await ReadFolderAsync(damaged)).Should().BeEquivalentTo(before);
        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Unchanged);
    }

    [Theory]
    [InlineData("sEcond")]
    [InlineData("second and more")]
    [InlineData("second")]
    public async Task Sync_BlobWasReplaced_IsHealedWithoutTrustingIt(string content)
    {
        await using var cache = New();
        var damaged = (await cache.PublishAsync()).Version;
        await _store.WriteAsync($"{damaged.Path}/blobs/b", new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content)));

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Healed);
        result.BytesPulled.Should().Be("second".Length, "what somebody has put there is not copied, not even when it looks right");
        cache.Log.GetSnapshot().Should().Contain(r => r.Message.Contains("is damaged") && r.Message.Contains("blobs/b"));
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Sync_MarkerWasDeleted_IsHealed()
    {
        await using var cache = New();
        var damaged = (await cache.PublishAsync()).Version;
        await _store.DeleteAsync($"{damaged.Path}/.done");

        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Healed);

        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Sync_FileThatWasNotPublished_IsHealed()
    {
        await using var cache = New();
        var damaged = (await cache.PublishAsync()).Version;
        await _store.WriteAsync($"{damaged.Path}/blobs/more", new MemoryStream([1]));

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Healed);
        result.BytesPulled.Should().Be(0, "all that was published is still there");
        cache.Log.GetSnapshot().Should().Contain(r => r.Message.Contains("is damaged") && r.Message.Contains("blobs/more"));
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Sync_DamagedTwiceOnOneDay_TakesTheNextFreeName()
    {
        await using var cache = New(LongGrace);
        var names = new List<string> { (await cache.PublishAsync()).Version.Version };
        for (var i = 0; i < 2; i++)
        {
            await _store.DeleteAsync($"ollama/{names[^1]}/blobs/a");
            names.Add((await cache.PublishAsync()).Version.Version);
        }

        names.Should().OnlyHaveUniqueItems();
        names.Select(n => n[^12..]).Should().AllBe(names[0][^12..]);
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Versions.Select(v => v.Version).Should().Equal(Enumerable.Reverse(names));
    }

    [Fact]
    public async Task Sync_DamagedAndTheSourceHasMovedOn_PublishesTheNewDigest()
    {
        await using var cache = New();
        var damaged = (await cache.PublishAsync()).Version;
        await _store.DeleteAsync($"{damaged.Path}/blobs/a");
        _source.Set(("blobs/a", "newer"), ("blobs/b", "second"));

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Published);
        result.Version.Source.Digest.Should().Be(_source.Digest);
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(result.Version.Version);
    }

    [Fact]
    public async Task Sync_SameFilesUnderANewDigestOfTheSource_DoNotMendTheDamagedFolder()
    {
        await using var cache = New(LongGrace);
        var damaged = (await cache.PublishAsync()).Version;
        await _store.DeleteAsync($"{damaged.Path}/blobs/a");
        var before = await ReadFolderAsync(damaged);
        _source.DigestSuffix = "another commit";

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Published);
        result.Version.Checksums.Should().Be(damaged.Checksums);
        (await ReadFolderAsync(damaged)).Should().BeEquivalentTo(before);
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(result.Version.Version).And.NotBe(damaged.Version);
    }

    [Fact]
    public async Task Sync_RolledBackVersionIsDamaged_IsHealedFromItsOwnDigest()
    {
        await using var cache = New();
        var good = (await cache.PublishAsync()).Version;
        var earlier = _source.Capture();
        _source.Set(("blobs/a", "bad"));
        await cache.PublishAsync();
        await Operations(cache).RollBackAsync(TestCache.Model);
        await _store.DeleteAsync($"{good.Path}/blobs/a");
        _source.Pinned[earlier.Digest] = earlier;

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Healed);
        result.Version.Source.Digest.Should().Be(good.Source.Digest);
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Active.Should().Be(result.Version.Version);
        entry.Held.Should().Be(_source.Digest, "healing is no activation");
    }

    [Fact]
    public async Task Sync_RolledBackVersionIsDamagedAndTheSourceHasItNoMore_FailsWithTheDamageInItsLine()
    {
        await using var cache = New();
        var good = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "bad"));
        await cache.PublishAsync();
        await Operations(cache).RollBackAsync(TestCache.Model);
        await _store.DeleteAsync($"{good.Path}/blobs/a");

        var sync = () => cache.PublishAsync();

        (await sync.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"The active version {good.Version} of the model 'demo' is damaged (*blobs/a*is missing)*'{good.Source.Digest}' cannot be pulled again; activate another version that is kept*{_source.Digest}*");
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(good.Version);
    }

    [Fact]
    public async Task Sync_DamagedAndTheSourceIsDown_FailsWithTheDamageInItsLine()
    {
        await using var cache = New();
        var damaged = (await cache.PublishAsync()).Version;
        await _store.DeleteAsync($"{damaged.Path}/blobs/a");
        _source.IsDown = true;

        var sync = () => cache.PublishAsync();

        (await sync.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"The active version {damaged.Version} of the model 'demo' is damaged (*blobs/a*is missing) and could not be published again: the source is down");
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(damaged.Version);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Sync_KilledAtEveryMutationOfHealing_LeavesTheOldEntryAndTheNextRunConverges(bool afterEffect, bool promises)
    {
        var points = 0;
        for (var kill = 1; ; kill++)
        {
            var store = new InMemoryObjectStore();
            var source = new TestSource(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both")) { PromisesDigests = promises };
            await using var healthy = new TestCache(store, source, null, LongGrace);
            var damaged = (await healthy.PublishAsync()).Version;
            await store.DeleteAsync($"{damaged.Path}/blobs/a");
            var before = await ReadFolderAsync(damaged, store);

            if (!await KilledProcess.SyncAsync(store, source, kill, afterEffect, LongGrace))
            {
                points = kill - 1;
                break;
            }

            (await healthy.ReadManifestAsync()).Entry(TestCache.Model)!.ActiveVersion.Should().NotBeNull();
            await KilledProcess.ReleaseLeaseAsync(store);
            var after = await healthy.PublishAsync();

            after.Action.Should().BeOneOf(PublishAction.Healed, PublishAction.Unchanged);
            var entry = (await healthy.ReadManifestAsync()).Entry(TestCache.Model)!;
            entry.Versions.Should().HaveCount(2, "killed at mutation {0}", kill);
            entry.Active.Should().Be(after.Version.Version).And.NotBe(damaged.Version);
            (await ReadFolderAsync(damaged, store)).Should().BeEquivalentTo(before);
            foreach (var file in entry.ActiveVersion!.Files)
            {
                Sha256Hex.Of(await ReadAsync(store, $"{entry.ActiveVersion.Path}/{file.Path}")).Should().Be(file.Sha256);
            }
        }

        points.Should().BeGreaterThan(10, "healing has at least this many mutations");
    }

    [Fact]
    public async Task Start_PinnedToADamagedVersionThatWasHealed_ServesItsSuccessor()
    {
        await using var cache = New(LongGrace);
        var damaged = (await cache.PublishAsync()).Version;
        await _store.DeleteAsync($"{damaged.Path}/blobs/a");
        var healed = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "newer"));
        await cache.PublishAsync();
        await using var pinned = New(LongGrace, ("ModelCache:Models:0:Version", damaged.Version));

        var model = await pinned.StartAndGetAsync();

        model.Version.Should().Be(healed.Version, "a pin means the content");
        model.CacheHit.Should().BeTrue();
    }

    [Fact]
    public async Task FindExpired_DamagedCopy_CountsWithItsSuccessorAndGoesAfterItsGracePeriod()
    {
        await using var cache = New(("ModelCache:Retention:Keep", "2"), LongGrace);
        var pruner = cache.Services.GetRequiredService<VersionPruner>();
        var now = DateTimeOffset.UnixEpoch.AddDays(100);
        var entry = new ManifestEntry
        {
            Active = "healed",
            Versions =
            [
                Version("healed", "a", null),
                Version("copy", "a", now.AddDays(-6)),
                Version("old", "b", now.AddDays(-20)),
                Version("oldest", "c", now.AddDays(-30)),
            ],
        };

        pruner.FindExpired(entry, now).Select(v => v.Version).Should().Equal("oldest");
        pruner.FindExpired(entry, now.AddDays(2)).Select(v => v.Version).Should().Equal("oldest", "copy");
        pruner.FindExpired(entry with { Pins = ["copy"] }, now.AddDays(2)).Select(v => v.Version).Should().Equal("oldest");

        ManifestVersion Version(string name, string checksums, DateTimeOffset? retired) =>
            new() { Version = name, Checksums = checksums, RetiredAt = retired, Source = new ManifestSource { Digest = checksums } };
    }

    private TestCache New(params (string Key, string Value)[] settings) => new(_store, _source, null, settings);

    private static IModelCacheOperations Operations(TestCache cache) => cache.Services.GetRequiredService<IModelCacheOperations>();

    private Task<Dictionary<string, (long, byte[])>> ReadFolderAsync(ManifestVersion version) => ReadFolderAsync(version, _store);

    private static async Task<Dictionary<string, (long, byte[])>> ReadFolderAsync(ManifestVersion version, InMemoryObjectStore store)
    {
        var found = new Dictionary<string, (long, byte[])>();
        await foreach (var item in store.ListAsync(version.Path + "/"))
        {
            found[item.Name] = (item.Generation, await ReadAsync(store, item.Name));
        }

        return found;
    }

    private static async Task<byte[]> ReadAsync(InMemoryObjectStore store, string name) =>
        (await store.ReadAllAsync(name, int.MaxValue, CancellationToken.None))!.Bytes;
}
