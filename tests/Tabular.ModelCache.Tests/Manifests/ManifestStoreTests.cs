using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Signing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Manifests;

public sealed class ManifestStoreTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryObjectStore _inner;
    private readonly FaultInjectingObjectStore _store;
    private readonly TestKey _key = TestKey.Create();
    private readonly PemModelSigner _signer;
    private readonly ManifestTrust _trust;

    public ManifestStoreTests()
    {
        _inner = new InMemoryObjectStore(_clock);
        _store = new FaultInjectingObjectStore(_inner);
        _signer = PemModelSigner.Parse(_key.Pem, "test");
        _trust = new ManifestTrust([_key.Public], _signer, requires: true, minimumSequence: 0, "ModelCache:Signing");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_NothingThere_IsEmpty(bool isSigned)
    {
        var store = New(isSigned);

        var snapshot = await store.ReadAsync(default);

        (snapshot.Generation, snapshot.Manifest.Sequence, snapshot.Manifest.Models.Count).Should().Be((0, 0, 0));
        (await store.GetGenerationAsync(default)).Should().Be(0);
        (await store.IsSignedHereAsync(default)).Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replace_ExpectedGeneration_IsReadBackWithItsGeneration(bool isSigned)
    {
        var store = New(isSigned);

        var first = await store.ReplaceAsync(M(1), 0, default);
        var second = await store.ReplaceAsync(M(2), first.Generation, default);

        var snapshot = await store.ReadAsync(default);
        (snapshot.Generation, snapshot.Manifest.Sequence).Should().Be((second.Generation, 2));
        (await store.GetGenerationAsync(default)).Should().Be(second.Generation);
        (await store.IsSignedHereAsync(default)).Should().Be(isSigned);
        var refused = () => store.ReplaceAsync(M(3), first.Generation, default);
        (await refused.Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.PreconditionFailed);
    }

    [Fact]
    public async Task Replace_Signed_WritesTheSignatureFirstAndNeitherIsCached()
    {
        await New(isSigned: true).ReplaceAsync(M(1), 0, default);

        var manifest = (await _inner.GetAsync("manifest.json"))!;
        var bytes = (await _inner.ReadAllAsync("manifest.json", 10_000, default))!.Bytes;
        var signature = (await _inner.GetAsync(ManifestTrust.NameFor(bytes)))!;
        _store.GetSnapshot().Select(o => o.Name).Should().Equal(signature.Name, manifest.Name);
        new[] { manifest, signature }.Should().AllSatisfy(o => (o.CacheControl, o.ContentType).Should().Be(("no-store", "application/json")));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task Replace_LargestManifest_IsWrittenAndNoneLarger(int more, bool isWritten)
    {
        var room = ManifestJson.MaxBytes - ManifestJson.Serialize(M(1) with { WriteId = "" }).Length;
        var replace = () => New().ReplaceAsync(M(1) with { WriteId = new string('x', room + more) }, 0, default);

        if (isWritten)
        {
            await replace.Should().NotThrowAsync();
        }
        else
        {
            (await replace.Should().ThrowAsync<ModelCacheException>()).WithMessage("*would have 16777217 bytes*ModelCache:Retention:Keep*");
            (await _inner.GetAsync("manifest.json")).Should().BeNull();
        }
    }

    [Fact]
    public async Task Read_SignatureIsMissing_ThrowsAfterOneLookWhetherItIsStillThat()
    {
        var store = New(isSigned: true);
        await store.ReplaceAsync(M(1), 0, default);
        await DeleteSignaturesAsync();
        var before = _store.GetSnapshot().Count;

        (await store.Invoking(s => s.ReadAsync(default)).Should().ThrowAsync<ModelCacheException>()).WithMessage("*is not signed*");

        _store.GetSnapshot().Skip(before).Count(o => o is { Kind: StoreOperationKind.OpenRead, Name: "manifest.json" }).Should().Be(1);
        (await store.IsSignedHereAsync(default)).Should().BeFalse();
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Read_ManifestIsReplacedWhileItsSignatureIsFetched_IsReadAgainTwice(int times, bool succeeds)
    {
        var store = New(isSigned: true);
        var other = New(isSigned: true, _inner);
        await other.ReplaceAsync(M(1), 0, default);
        var replaced = 0;
        _store.Inject = o => o.Name.StartsWith("signatures/", StringComparison.Ordinal) && replaced < times
            ? StoreFault.RunBefore(async _ =>
            {
                replaced++;
                await DeleteSignaturesAsync();
                await other.ReplaceAsync(M(1 + replaced), await other.GetGenerationAsync(default), default);
            })
            : StoreFault.None;

        var read = () => store.ReadAsync(default);

        if (succeeds)
        {
            (await read()).Manifest.Sequence.Should().Be(1 + times);
        }
        else
        {
            await read.Should().ThrowAsync<ModelCacheException>();
        }
    }

    [Fact]
    public async Task Read_NotAManifest_ThrowsWithoutAndWithTrust()
    {
        await _inner.WriteBytesAsync("manifest.json", Encoding.UTF8.GetBytes("{}"), new ObjectWriteOptions(), default);

        await New().Invoking(s => s.ReadAsync(default)).Should().ThrowAsync<ModelCacheException>();
        await New(isSigned: true).Invoking(s => s.ReadAsync(default)).Should().ThrowAsync<ModelCacheException>();
    }

    [Fact]
    public async Task RemoveOldSignatures_SomeOld_KeepsTheNewestOfThemTheLiveAndTheYoung()
    {
        var store = New(isSigned: true);
        for (var i = 1; i <= 3; i++)
        {
            await store.ReplaceAsync(M(i), await store.GetGenerationAsync(default), default);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        var old = await SignaturesAsync();
        _clock.Advance(ManifestTrust.KeptFor - TimeSpan.FromHours(1));

        await store.RemoveOldSignaturesAsync(_clock.GetUtcNow(), default);
        (await SignaturesAsync()).Should().BeEquivalentTo(old[1..], "the first is older than a day, the second, the newest of the old, may have been live until now");

        await store.ReplaceAsync(M(4), await store.GetGenerationAsync(default), default);
        _clock.Advance(TimeSpan.FromHours(1));
        await store.RemoveOldSignaturesAsync(_clock.GetUtcNow(), default);
        (await SignaturesAsync()).Should().HaveCount(2).And.Contain(old[2]);
    }

    [Fact]
    public async Task RemoveOldSignatures_OfTheLiveManifest_IsKeptHoweverOld()
    {
        var store = New(isSigned: true);
        var first = await store.ReplaceAsync(M(1), 0, default);
        var live = (await SignaturesAsync()).Single();
        _clock.Advance(TimeSpan.FromHours(1));
        foreach (var name in new[] { "signatures/a.sig", "signatures/b.sig" })
        {
            await _inner.WriteBytesAsync(name, [1], new ObjectWriteOptions(), default);
        }

        _clock.Advance(TimeSpan.FromDays(30));
        await store.RemoveOldSignaturesAsync(_clock.GetUtcNow(), default);

        (await SignaturesAsync()).Should().HaveCount(2).And.Contain(live);
        first.Should().NotBeNull();
    }

    [Theory]
    [InlineData(ObjectStoreError.NotFound, false)]
    [InlineData(ObjectStoreError.PreconditionFailed, false)]
    [InlineData(ObjectStoreError.PermissionDenied, true)]
    public async Task RemoveOldSignatures_DeletionIsRefused_ThrowsOnlyWhereNobodyElseDidIt(ObjectStoreError error, bool throws)
    {
        var store = New(isSigned: true);
        for (var i = 1; i <= 3; i++)
        {
            await store.ReplaceAsync(M(i), await store.GetGenerationAsync(default), default);
        }

        _clock.Advance(TimeSpan.FromDays(30));
        _store.Inject = o => o.Kind == StoreOperationKind.Delete ? StoreFault.FailBefore(error) : StoreFault.None;

        var remove = () => store.RemoveOldSignaturesAsync(_clock.GetUtcNow(), default);

        await (throws ? remove.Should().ThrowAsync<ObjectStoreException>() : (Task)remove.Should().NotThrowAsync());
        _store.GetSnapshot().Should().Contain(o => o.Kind == StoreOperationKind.Delete);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadMounted_NothingOrSomething_HasNoGeneration(bool isSigned)
    {
        var mount = new ObjectStoreMount(_inner, "/models");
        var trust = isSigned ? _trust : null;
        MountedManifest.DisplayName(mount).Should().Be("/models/manifest.json");
        (await MountedManifest.ReadAsync(mount, trust, acceptsOlder: false, default)).Should().BeSameAs(ManifestSnapshot.Empty);

        await New(isSigned).ReplaceAsync(M(5), 0, default);

        var snapshot = await MountedManifest.ReadAsync(mount, trust, acceptsOlder: false, default);
        (snapshot.Generation, snapshot.Manifest.Sequence).Should().Be((0, 5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadMounted_OlderThanAllowed_IsReadOnlyToCompareIt(bool acceptsOlder)
    {
        var mount = new ObjectStoreMount(_inner);
        await New(isSigned: true).ReplaceAsync(M(5), 0, default);
        var trust = new ManifestTrust([_key.Public], null, requires: true, minimumSequence: 6, "ModelCache:Signing");

        var read = () => MountedManifest.ReadAsync(mount, trust, acceptsOlder, default);

        await (acceptsOlder ? (Task)read.Should().NotThrowAsync() : read.Should().ThrowAsync<ModelCacheException>().WithMessage("*has the sequence 5*"));
    }

    public void Dispose() => _signer.Dispose();

    private ManifestStore New(bool isSigned = false, IObjectStore? store = null) => new(store ?? _store, isSigned ? _trust : null);

    private static Manifest M(long sequence) => new() { Sequence = sequence };

    private async Task<List<string>> SignaturesAsync()
    {
        var items = new List<StoredObject>();
        await foreach (var item in _inner.ListAsync(ManifestTrust.Folder, default))
        {
            items.Add(item);
        }

        return [.. items.OrderBy(i => i.Updated).Select(i => i.Name)];
    }

    private async Task DeleteSignaturesAsync()
    {
        foreach (var name in await SignaturesAsync())
        {
            await _inner.DeleteAsync(name);
        }
    }
}
