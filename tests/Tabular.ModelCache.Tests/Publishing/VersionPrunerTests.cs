using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class VersionPrunerTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "one"));

    /// <summary>
    /// A holder that was stopped for longer than its clock knows: what was being deleted when it read the manifest has been published
    /// again since, under the same name.
    /// </summary>
    [Fact]
    public async Task FinishDeletion_VersionWasPublishedAgainMeanwhile_LosesAndDeletesNothing()
    {
        await using var cache = new TestCache(_store, _source, null, ("ModelCache:Retention:Keep", "1"));
        var (stale, first) = await DoomAsync(cache);
        stale.Entry(TestCache.Model)!.IsDoomed(first.Version).Should().BeTrue();
        _source.Set(("blobs/a", "one"));
        (await cache.PublishAsync()).Version.Version.Should().Be(first.Version);
        await using var lease = await cache.AcquireAsync();
        var pruner = cache.Services.GetRequiredService<VersionPruner>();

        var finish = () => pruner.FinishDeletionAsync(TestCache.Model, stale, first.Version, lease, CancellationToken.None);

        (await finish.Should().ThrowAsync<ModelCacheException>()).WithMessage("*the entry of the model 'demo' was changed by attempt 3-*has lost and stopped*");
        await _store.ShouldBeSoundAsync();
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Active.Should().Be(first.Version);
    }

    [Fact]
    public async Task Tidy_FolderOfAnEarlierRunIsEmpty_LeavesTheManifestWithTheNextFlip()
    {
        await using var cache = new TestCache(_store, _source, null, ("ModelCache:Retention:Keep", "1"));
        var first = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "two"));
        var second = (await cache.PublishAsync()).Version;
        (await DoomedAsync(cache)).Should().Equal([first.Version], "a paused process may still drop an object into its folder");
        _source.Set(("blobs/a", "three"));

        await cache.PublishAsync();

        (await DoomedAsync(cache)).Should().Equal(second.Version);
        cache.Log.GetSnapshot().Where(r => r.Id.Name == "VersionsPruned").Select(r => r.Message).Should().Equal(
            $"Removed {first.Version} of demo from the manifest and the store.", $"Removed {second.Version} of demo from the manifest and the store.");
    }

    [Fact]
    public async Task Tidy_SomethingCameBackIntoADoomedFolder_StaysDoomedUntilItIsEmpty()
    {
        await using var cache = new TestCache(_store, _source, null, ("ModelCache:Retention:Keep", "1"));
        var first = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "two"));
        var second = (await cache.PublishAsync()).Version;
        await _store.WriteAsync($"{first.Path}/blobs/late", new MemoryStream([1]));
        _source.Set(("blobs/a", "three"));

        await cache.PublishAsync();

        (await DoomedAsync(cache)).Should().BeEquivalentTo([first.Version, second.Version]);
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Tidy_NothingLeaves_FlipsAndLogsNothing()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.PublishAsync();

        await cache.PublishAsync();

        (await cache.ReadManifestAsync()).Manifest.Sequence.Should().Be(1);
        cache.Log.GetSnapshot().Should().NotContain(r => r.Id.Name == "VersionsPruned");
    }

    [Fact]
    public async Task Tidy_ModelIsNotInTheManifest_DoesNothing()
    {
        await using var cache = new TestCache(_store, _source);
        await using var lease = await cache.AcquireAsync();
        var leftovers = await Leftovers.ReadAsync(_store, TestCache.Model, ModelKinds.Ollama, lease.Attempt, CancellationToken.None);

        var plan = await cache.Services.GetRequiredService<VersionPruner>()
            .TidyAsync(TestCache.Model, ManifestSnapshot.Empty, null, leftovers, lease, CancellationToken.None);

        plan.Should().BeSameAs(PrunePlan.Empty);
    }

    [Fact]
    public async Task FinishDeletion_FolderGetsEmpty_TakesTheVersionOffTheList()
    {
        await using var cache = new TestCache(_store, _source, null, ("ModelCache:Retention:Keep", "1"));
        var (snapshot, first) = await DoomAsync(cache);
        await _store.WriteAsync($"{first.Path}/blobs/late", new MemoryStream([1]));
        await using var lease = await cache.AcquireAsync();

        var after = await cache.Services.GetRequiredService<VersionPruner>()
            .FinishDeletionAsync(TestCache.Model, snapshot, first.Version, lease, CancellationToken.None);

        after.Entry(TestCache.Model)!.Doomed.Should().BeEmpty();
        after.Entry(TestCache.Model)!.Attempt.Should().Be(lease.Attempt.ToString());
        (await cache.ReadManifestAsync()).Generation.Should().Be(after.Generation);
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task FinishDeletion_SomebodyKeepsWriting_GivesUpAfterFourTimes()
    {
        var writing = new FaultInjectingObjectStore(_store);
        await using var cache = new TestCache(writing, _source, null, ("ModelCache:Retention:Keep", "1"));
        var (snapshot, first) = await DoomAsync(cache);
        await using var lease = await cache.AcquireAsync();
        var lists = 0;
        writing.Inject = o => o.Kind == StoreOperationKind.List && o.Name == first.Path + "/"
            ? StoreFault.RunBefore(async token => await _store.WriteAsync($"{first.Path}/blobs/{lists++}", new MemoryStream([1]), null, token))
            : StoreFault.None;

        var finish = () => cache.Services.GetRequiredService<VersionPruner>()
            .FinishDeletionAsync(TestCache.Model, snapshot, first.Version, lease, CancellationToken.None);

        (await finish.Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"memory/{first.Path} is being deleted and does not become empty; somebody writes to it. Run the sync again.");
        lists.Should().Be(4);
        (await DoomedAsync(cache)).Should().Equal(first.Version);
    }

    [Fact]
    public async Task DeleteOwnStaging_OthersHaveTheirs_RemovesTheOwnAlone()
    {
        await using var cache = new TestCache(_store, _source);
        await using var lease = await cache.AcquireAsync();
        var own = new StagingArea(TestCache.Model, lease.Attempt);
        var other = new StagingArea(TestCache.Model, lease.Attempt with { Epoch = 9 });
        foreach (var name in new[] { own.Record, own.File("a"), other.File("a"), other.Record })
        {
            await _store.WriteAsync(name, new MemoryStream([1]));
        }

        await cache.Services.GetRequiredService<VersionPruner>().DeleteOwnStagingAsync(TestCache.Model, lease, CancellationToken.None);

        (await _store.ReadAllAsync()).Keys.Where(k => k.StartsWith(".tmp/", StringComparison.Ordinal)).Should().BeEquivalentTo(other.File("a"), other.Record);
    }

    private async Task<(ManifestSnapshot Snapshot, ManifestVersion First)> DoomAsync(TestCache cache)
    {
        var first = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "two"));
        await cache.PublishAsync();
        return (await cache.ReadManifestAsync(), first);
    }

    private static async Task<IEnumerable<string>> DoomedAsync(TestCache cache) =>
        (await cache.ReadManifestAsync()).Entry(TestCache.Model)!.Doomed.Select(d => d.Version);
}
