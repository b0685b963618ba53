using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>What a signing publisher does after a crash, and with the signatures that are needed no more.</summary>
public sealed class SignedPublishTests
{
    private static readonly (string, string)[] Signing =
        [("ModelCache:Signing:PrivateKey", Vectors.PrivateKey), ("ModelCache:Retention:GracePeriod", "7.00:00:00")];

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("manifests/m", "refers to it"));

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task Sync_KilledAtEveryMutation_ConvergesAndNoFinishedFolderChanges(bool afterEffect, bool promises)
    {
        _source.PromisesDigests = promises;
        var points = await KillAtEveryMutationAsync(afterEffect, _ => Task.CompletedTask, Signing);

        points.Should().BeGreaterThan(8, "a signed publication has at least this many mutations");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_KilledAtEveryMutationBesideAnUnsignedFolder_ConvergesAndNoFinishedFolderChanges(bool hasRecord)
    {
        await KillAtEveryMutationAsync(afterEffect: true, store => LeaveUnsignedAsync(store, hasRecord), Signing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_FinishedFolderWithoutSignature_IsCopiedToTheNextNameAndPrunedLater(bool hasRecord)
    {
        var left = await LeaveUnsignedAsync(_store, hasRecord);
        await using var cache = new TestCache(_store, _source, null, Signing);

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Published);
        result.BytesPulled.Should().Be(0, "the files are copied on the server");
        result.Version.Version.Should().NotBe(left).And.EndWith(left[^12..]);
        var entry = (await cache.ReadManifestAsync()).Entry(TestCache.Model)!;
        entry.Versions.Select(v => v.Version).Should().Equal(result.Version.Version, left);
        entry.Versions[1].RetiredAt.Should().NotBeNull("who knows it from a manifest that is gone has a grace period");
    }

    [Fact]
    public async Task Sync_FolderSignedAndFinishedByADeadRun_IsAdopted()
    {
        await using (var cache = new TestCache(_store, _source, null, Signing))
        {
            await cache.PublishAsync();
        }

        await _store.DeleteAsync(VersionFiles.Manifest);
        await using var next = new TestCache(_store, _source, null, Signing);

        (await next.PublishAsync()).Action.Should().Be(PublishAction.Adopted);

        await _store.ShouldBeSoundAsync();
    }

    [Fact]
    public async Task Sync_DayAfterDay_KeepsTheSignaturesThatAReaderMayAskFor()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2025, 11, 14, 0, 0, 0, TimeSpan.Zero));
        var store = new InMemoryObjectStore(clock);
        var manifests = new ManifestStore(store, new ManifestTrust([], PemModelSigner.Parse(Vectors.PrivateKey, "test"), true, 0, "ModelCache:Signing"));
        var snapshot = ManifestSnapshot.Empty;
        var names = new List<string>();
        for (var day = 0; day < 5; day++)
        {
            var next = snapshot.Manifest.With(TestCache.Model, new ManifestEntry { Kind = ModelKinds.Ollama }, $"{day}");
            snapshot = new ManifestSnapshot(next, (await manifests.ReplaceAsync(next, snapshot.Generation, default)).Generation);
            names.Add(ManifestTrust.NameFor(ManifestJson.Serialize(next)));
            await manifests.RemoveOldSignaturesAsync(clock.GetUtcNow(), default);
            var kept = (await store.ReadAllAsync()).Keys.Where(k => k.StartsWith(ManifestTrust.Folder, StringComparison.Ordinal));
            kept.Should().BeEquivalentTo(names.TakeLast(2), "of day {0}: the present one, and that of the manifest replaced just now", day);
            clock.Advance(TimeSpan.FromDays(1.5));
        }

        await manifests.RemoveOldSignaturesAsync(clock.GetUtcNow(), default);
        (await manifests.ReadAsync(default)).Manifest.WriteId.Should().Be("4", "the present one is never removed, however old it is");
    }

    private async Task<int> KillAtEveryMutationAsync(bool afterEffect, Func<InMemoryObjectStore, Task> prepare, (string, string)[] settings)
    {
        for (var kill = 1; ; kill++)
        {
            var store = new InMemoryObjectStore();
            await prepare(store);
            if (!await KilledProcess.SyncAsync(store, _source, kill, afterEffect, settings))
            {
                return kill - 1;
            }

            var finished = await ReadFinishedAsync(store);
            await KilledProcess.ReleaseLeaseAsync(store);
            await using var next = new TestCache(store, _source, null, settings);
            var version = (await next.PublishAsync()).Version;

            var after = await ReadObjectsAsync(store);
            foreach (var folder in finished.GroupBy(f => string.Join('/', f.Key.Split('/').Take(2))))
            {
                var left = after.Where(o => o.Key.StartsWith(folder.Key + "/", StringComparison.Ordinal)).ToList();
                left.Should().BeSubsetOf(folder, "{0} was finished before the kill at mutation {1}; it may be pruned, not changed", folder.Key, kill);
            }

            await store.ShouldBeSoundAsync();
            var bundle = await store.ReadAllAsync($"{version.Path}/{VersionFiles.Signature}", ModelBundle.MostBytes, default);
            ModelBundle.Verify(bundle!.Bytes, new VerificationKeys([VerificationKey.Parse(Vectors.PublicKey, "test")]), "model.sig")
                .Annotations["version"].Should().Be(version.Version);
            await using var reader = new TestCache(store, _source, null, ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));
            (await reader.StartAndGetAsync()).CacheHit.Should().BeTrue("killed at mutation {0}", kill);
        }
    }

    /// <summary>What a publisher without a key has finished, and no manifest names.</summary>
    private async Task<string> LeaveUnsignedAsync(InMemoryObjectStore store, bool hasRecord)
    {
        for (var kill = 1; ; kill++)
        {
            var trial = hasRecord ? store : new InMemoryObjectStore();
            var isDead = await KilledProcess.SyncAsync(trial, _source, kill, afterEffect: true);
            await KilledProcess.ReleaseLeaseAsync(trial);
            var done = (await trial.ReadAllAsync()).Keys.SingleOrDefault(k => k.EndsWith("/.done", StringComparison.Ordinal));
            if (hasRecord && done is not null)
            {
                return done.Split('/')[1];
            }

            if (!isDead)
            {
                await using var cache = new TestCache(store, _source);
                var version = (await cache.PublishAsync()).Version;
                await store.DeleteAsync(VersionFiles.Manifest);
                return version.Version;
            }
        }
    }

    private static async Task<Dictionary<string, long>> ReadFinishedAsync(InMemoryObjectStore store)
    {
        var all = await ReadObjectsAsync(store);
        return all.Where(o => all.ContainsKey(string.Join('/', o.Key.Split('/').Take(2).Append(VersionFiles.Done)))).ToDictionary();
    }

    private static async Task<Dictionary<string, long>> ReadObjectsAsync(InMemoryObjectStore store)
    {
        var found = new Dictionary<string, long>();
        await foreach (var item in store.ListAsync(""))
        {
            found[item.Name] = item.Generation;
        }

        return found;
    }
}
