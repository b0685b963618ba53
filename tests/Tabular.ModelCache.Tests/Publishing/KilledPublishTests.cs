using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>What a killed process leaves, and what the next run makes of it.</summary>
public sealed class KilledPublishTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Publish_KilledAtEveryMutation_LeavesTheOldVersionAndTheNextRunConverges(bool afterEffect, bool promises)
    {
        var points = 0;
        for (var kill = 1; ; kill++)
        {
            var store = new InMemoryObjectStore();
            var source = new TestSource(("blobs/a", "old"), ("manifests/m", "old manifest")) { PromisesDigests = promises };
            (string, string)[] settings = [("ModelCache:Retention:Keep", "1")];
            await using var healthy = new TestCache(store, source, null, settings);
            var old = await healthy.PublishAsync();
            source.Set(("blobs/b", "new one"), ("blobs/c", "new two"), ("manifests/m", "new manifest"));

            if (!await KilledProcess.SyncAsync(store, source, kill, afterEffect, settings))
            {
                points = kill - 1;
                break;
            }

            await store.ShouldBeSoundAsync();
            await KilledProcess.ReleaseLeaseAsync(store);
            var after = await healthy.PublishAsync();
            after.Action.Should().BeOneOf(PublishAction.Published, PublishAction.Adopted, PublishAction.Unchanged);
            await store.ShouldBeSoundAsync();
            await store.ShouldBeTidyAsync();
            var entry = (await healthy.ReadManifestAsync()).Entry(TestCache.Model)!;
            entry.Versions.Should().ContainSingle().Which.Version.Should().NotBe(old.Version.Version);
        }

        points.Should().BeGreaterThan(15, "a publish has at least this many mutations");
    }

    [Fact]
    public async Task Publish_KilledAfterPromote_AdoptsWithoutPulling()
    {
        await KillBetweenDoneAndFlipAsync();
        var reads = _source.Reads;
        await using var next = New();

        var result = await next.PublishAsync(PublishMode.Start);

        result.Action.Should().Be(PublishAction.Adopted);
        _source.Reads.Should().Be(reads);
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_KilledWhileStaging_UsesFinishedFilesAgain()
    {
        (await KilledProcess.SyncAsync(_store, _source, 4, afterEffect: true)).Should().BeTrue();
        (await _store.ReadAllAsync()).Keys.Count(k => k.StartsWith(".tmp/", StringComparison.Ordinal)).Should().Be(3);
        await KilledProcess.ReleaseLeaseAsync(_store);
        var reads = _source.Reads;
        await using var next = New();

        var result = await next.PublishAsync();

        result.BytesPulled.Should().Be(0);
        result.BytesCopied.Should().BePositive();
        _source.Reads.Should().Be(reads);
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_RecordOfADeadRunThatIsNoLongerWanted_IsDoomedBeforeItIsDeleted()
    {
        await KillBetweenDoneAndFlipAsync();
        _source.Set(("blobs/z", "something else"));
        var log = new FaultInjectingObjectStore(_store);
        await using var next = New(log);
        await next.PublishAsync();

        var operations = log.GetSnapshot().ToList();
        var firstDelete = operations.First(o => o.Kind == StoreOperationKind.Delete && o.Name.StartsWith("ollama/", StringComparison.Ordinal));
        firstDelete.Name.Should().EndWith("/.done");
        operations.Count(o => o.Kind == StoreOperationKind.Write && o.Name == VersionFiles.Manifest && o.Sequence < firstDelete.Sequence)
            .Should().Be(2, "one flip activates, one dooms");
        (await next.ReadManifestAsync()).Entry(TestCache.Model)!.Doomed.Should().ContainSingle();
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    private TestCache New(IObjectStore? store = null) => new(store ?? _store, _source);

    private async Task KillBetweenDoneAndFlipAsync()
    {
        // The write of `.done` is the last mutation but one.
        var mutations = new FaultInjectingObjectStore(new InMemoryObjectStore());
        await using (var cache = New(mutations))
        {
            await cache.PublishAsync(PublishMode.Start);
        }

        var done = mutations.GetSnapshot().Where(o => o.IsMutation).ToList().FindIndex(o => o.Name.EndsWith("/.done", StringComparison.Ordinal)) + 1;
        (await KilledProcess.SyncAsync(_store, _source, done, afterEffect: true)).Should().BeTrue();
        await KilledProcess.ReleaseLeaseAsync(_store);
        (await _store.ReadAllAsync()).Keys.Should().Contain(k => k.EndsWith("/.done", StringComparison.Ordinal)).And.NotContain(VersionFiles.Manifest);
    }
}
