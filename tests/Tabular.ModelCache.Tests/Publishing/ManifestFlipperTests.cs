using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class ManifestFlipperTests
{
    private const string Model = "demo";
    private const string Doomed = "demo-2026-01-02-444444444444";
    private const int MostTries = 30;

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly InMemoryObjectStore _inner;
    private readonly FaultInjectingObjectStore _store;
    private readonly FakeLogger _log = new();
    private readonly ManifestFlipper _flipper;

    public ManifestFlipperTests()
    {
        _inner = new InMemoryObjectStore(_clock);
        _store = new FaultInjectingObjectStore(_inner);
        _flipper = new ManifestFlipper(new ManifestStore(_store), _clock, new Random(1), _log);
    }

    private int Writes => _store.GetSnapshot().Count(o => o is { Kind: StoreOperationKind.Write, Name: "manifest.json" });

    [Fact]
    public async Task Flip_NothingInTheWay_IsOneWriteWithAnIdOfItsOwn()
    {
        await using var lease = await TakeAsync();

        var first = await FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease);
        var second = await FlipAsync(first, Entry("b"), lease);

        Writes.Should().Be(2);
        second.Entry(Model)!.Attempt.Should().Be("b");
        second.Manifest.Sequence.Should().Be(2);
        second.Generation.Should().Be(await new ManifestStore(_inner).GetGenerationAsync(default));
        first.Manifest.WriteId.Should().MatchRegex("^[0-9a-f]{16}$").And.NotBe(second.Manifest.WriteId).And.NotBe(new string('0', 16));
        _log.Collector.Count.Should().Be(0);
    }

    [Fact]
    public async Task Flip_OtherModelsAreFlippedAllTheTime_GivesUpAfterThirtyTriesASecondOrTwoApart()
    {
        var lease = await TakeAsync();
        _store.Inject = o => o is { Kind: StoreOperationKind.Write, Name: "manifest.json" } ? StoreFault.RunBefore(_ => FlipOtherAsync()) : StoreFault.None;

        var flip = FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease);
        _clock.Run(TimeSpan.FromSeconds(0.9));
        Writes.Should().Be(1);
        _clock.Run(TimeSpan.FromSeconds(1.2));
        Writes.Should().Be(2);
        _clock.Run(TimeSpan.FromSeconds(60));

        (await flip.Invoking(f => f.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<ObjectStoreException>()).Which.Error
            .Should().Be(ObjectStoreError.PreconditionFailed);
        Writes.Should().Be(MostTries);
        (await new ManifestStore(_inner).ReadAsync(default)).Manifest.Models.Keys.Should().Equal("other");
        _store.Inject = null;
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Flip_OwnEntryWasChanged_LosesAndNamesTheOther()
    {
        await using var lease = await TakeAsync();
        await ReplaceAsync(Model, Entry("7-theirs"));

        var flip = () => FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease);

        (await flip.Should().ThrowAsync<ModelCacheException>()).WithMessage("*'demo' was changed by attempt 7-theirs meanwhile; attempt 1-*has lost*");
        Writes.Should().Be(1);
    }

    [Fact]
    public async Task Flip_OwnEntryIsGone_LosesToNobody()
    {
        await using var lease = await TakeAsync();
        var start = await FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease);
        await new ManifestStore(_inner).ReplaceAsync(new Manifest(), start.Generation, default);

        (await this.Invoking(t => t.FlipAsync(start, Entry("b"), lease)).Should().ThrowAsync<ModelCacheException>()).WithMessage("*changed by attempt nobody*");
    }

    [Fact]
    public async Task Flip_AnswerIsLost_IsFoundToHaveTakenEffect()
    {
        await using var lease = await TakeAsync();
        _store.Inject = o => o is { Kind: StoreOperationKind.Write, Name: "manifest.json" } ? StoreFault.FailAfter() : StoreFault.None;

        var after = await FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease);

        (after.Manifest.Sequence, Writes).Should().Be((1, 1));
        _log.Collector.GetSnapshot().Should().ContainSingle().Which.Id.Name.Should().Be("FlipRetry");
    }

    [Fact]
    public async Task Flip_TriedAgain_HasTheTimeOfTheTryThatTookEffect()
    {
        await using var lease = await TakeAsync();
        var begun = lease.StoreTime;
        var refusals = 3;
        _store.Inject = o => o is { Kind: StoreOperationKind.Write, Name: "manifest.json" } && refusals-- > 0
            ? StoreFault.RunBefore(_ => FlipOtherAsync())
            : StoreFault.None;

        var flip = _flipper.FlipAsync(Model, ManifestSnapshot.Empty, Doom, lease, CancellationToken.None);
        _clock.Run(TimeSpan.FromSeconds(7));
        var after = await flip.WaitAsync(TimeSpan.FromSeconds(30));

        Writes.Should().Be(4);
        var written = (await new ManifestStore(_inner).ReadAsync(default)).Manifest;
        (written.Models[Model].Doomed.Single().DoomedAt - begun).Should().BeGreaterThan(TimeSpan.FromSeconds(3), "three waits of a second or two lie between");
        written.Models[Model].Doomed.Single().DoomedAt.Should().Be(after.Entry(Model)!.Doomed.Single().DoomedAt);
    }

    [Fact]
    public async Task Flip_AnEarlierTryTookEffectAfterAll_IsFoundByItsOwnTime()
    {
        await using var lease = await TakeAsync();
        var begun = lease.StoreTime;
        _store.Inject = o => o is { Kind: StoreOperationKind.Write, Name: "manifest.json" } ? StoreFault.FailBefore() : StoreFault.None;

        var flip = _flipper.FlipAsync(Model, ManifestSnapshot.Empty, Doom, lease, CancellationToken.None);
        _clock.Run(TimeSpan.FromSeconds(5));
        var tries = Writes;
        await ReplaceAsync(Model, Doom(begun));
        _clock.Run(TimeSpan.FromSeconds(3));
        var after = await flip.WaitAsync(TimeSpan.FromSeconds(30));

        tries.Should().BeGreaterThan(2);
        after.Entry(Model)!.Doomed.Single().DoomedAt.Should().Be(begun, "the first try is what the store has");
    }

    [Fact]
    public async Task Flip_StoreForbidsIt_ThrowsAtOnce()
    {
        await using var lease = await TakeAsync();
        _store.Inject = o => o.Name == "manifest.json" ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;

        await this.Invoking(t => t.FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease)).Should().ThrowAsync<ObjectStoreException>();
        Writes.Should().Be(1);
    }

    [Fact]
    public async Task Flip_LeaseIsLost_WritesNothing()
    {
        var lease = await TakeAsync();
        _store.Inject = _ => StoreFault.FailBefore();
        _clock.Run(TimeSpan.FromSeconds(30));
        _store.Inject = null;

        await this.Invoking(t => t.FlipAsync(ManifestSnapshot.Empty, Entry("a"), lease)).Should().ThrowAsync<ModelCacheException>().WithMessage("*was lost*");
        await this.Invoking(t => t._flipper.ThrowUnlessDoomedAsync(Model, "v", lease, default)).Should().ThrowAsync<ModelCacheException>().WithMessage("*was lost*");
        Writes.Should().Be(0);
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task ThrowUnlessDoomed_StoreIsAwayForAMoment_ReadsAgain()
    {
        await using var lease = await TakeAsync();
        await ReplaceAsync(Model, Entry("a") with { Doomed = [new DoomedVersion { Version = Doomed, Path = $"ollama/{Doomed}" }] });
        var reads = 0;
        _store.Inject = o => o is { Kind: StoreOperationKind.OpenRead, Name: "manifest.json" } && ++reads <= 2 ? StoreFault.FailBefore() : StoreFault.None;

        var asks = _flipper.ThrowUnlessDoomedAsync(Model, Doomed, lease, default);
        asks.IsCompleted.Should().BeFalse();
        _clock.Run(TimeSpan.FromSeconds(4));
        await asks.WaitAsync(TimeSpan.FromSeconds(30));

        reads.Should().Be(3);
    }

    [Fact]
    public async Task ThrowUnlessDoomed_StoreStaysAway_GivesUpAfterThirtyReads()
    {
        var lease = await TakeAsync();
        var reads = 0;
        _store.Inject = o => o is { Kind: StoreOperationKind.OpenRead, Name: "manifest.json" } ? Count() : StoreFault.None;

        var asks = _flipper.ThrowUnlessDoomedAsync(Model, "v", lease, default);
        _clock.Run(TimeSpan.FromSeconds(62));

        await asks.Invoking(a => a.WaitAsync(TimeSpan.FromSeconds(30))).Should().ThrowAsync<ObjectStoreException>();
        reads.Should().Be(MostTries);
        await lease.DisposeAsync();

        StoreFault Count()
        {
            reads++;
            return StoreFault.FailBefore();
        }
    }

    [Theory]
    [InlineData(true, "1-x")]
    [InlineData(false, "nobody")]
    public async Task ThrowUnlessDoomed_NotDoomed_Loses(bool hasEntry, string attempt)
    {
        await using var lease = await TakeAsync();
        if (hasEntry)
        {
            await ReplaceAsync(Model, Entry("1-x"));
        }

        (await this.Invoking(t => t._flipper.ThrowUnlessDoomedAsync(Model, "v", lease, default)).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"*changed by attempt {attempt} *");
    }

    private Task<ManifestSnapshot> FlipAsync(ManifestSnapshot start, ManifestEntry entry, Lease lease) =>
        _flipper.FlipAsync(Model, start, _ => entry, lease, CancellationToken.None);

    private static ManifestEntry Entry(string attempt) => new() { Kind = ModelKinds.Ollama, Attempt = attempt };

    private static ManifestEntry Doom(DateTimeOffset now) =>
        Entry("a") with { Doomed = [new() { Version = Doomed, Path = $"ollama/{Doomed}", DoomedAt = now }] };

    private Task FlipOtherAsync() => ReplaceAsync("other", Entry("1-y"));

    private async Task ReplaceAsync(string model, ManifestEntry entry)
    {
        var store = new ManifestStore(_inner);
        var snapshot = await store.ReadAsync(default);
        await store.ReplaceAsync(snapshot.Manifest.With(model, entry, "w"), snapshot.Generation, default);
    }

    private async Task<Lease> TakeAsync() =>
        (await new LeaseManager(_store, new LeaseTimings(TimeSpan.FromSeconds(30), TimeSpan.Zero), _clock, new Random(2), new FakeLogger<LeaseManager>())
            .CreateCandidate(Model).TryAcquireAsync(0, default))!;
}
