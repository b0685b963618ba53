using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Publishing;
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
        var first = (await cache.PublishAsync()).Version;
        _source.Set(("blobs/a", "two"));
        await cache.PublishAsync();
        var stale = await cache.ReadManifestAsync();
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
}
