using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>What a holder asks of the store and when, and what it says when it ends.</summary>
public sealed class LeaseHolderTests
{
    private const string Model = "demo";
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-02T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly FakeTimeProvider _storeClock = new(DateTimeOffset.Parse("2030-05-05T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly InMemoryObjectStore _inner;
    private readonly FaultInjectingObjectStore _store;
    private readonly FakeLogger<LeaseManager> _log = new();
    private readonly List<string> _lost = [];

    public LeaseHolderTests()
    {
        _inner = new InMemoryObjectStore(_storeClock);
        _store = new FaultInjectingObjectStore(_inner);
    }

    private static string Name => LeaseManager.ObjectNameOf(Model);

    [Fact]
    public async Task StoreTime_TimePassesAndRenewals_GoesOnByOurClockFromTheLastAnswer()
    {
        await using var lease = await TakeAsync();
        var start = _storeClock.GetUtcNow();

        _clock.Run(TimeSpan.FromSeconds(5));
        lease.StoreTime.Should().Be(start + TimeSpan.FromSeconds(5));

        _storeClock.Advance(TimeSpan.FromMinutes(1));
        _clock.Run(TimeSpan.FromSeconds(3.5));
        lease.StoreTime.Should().Be(start + TimeSpan.FromSeconds(61), "a renewal at 7.5 s has told the time, and a second has passed");
    }

    [Fact]
    public async Task Renew_NothingGoesWrong_IsOneChangeInAQuarterOfTheTtl()
    {
        await using var lease = await TakeAsync();

        _clock.Run(TimeSpan.FromSeconds(61));

        Count(StoreOperationKind.PatchMetadata).Should().Be(8);
        Count(StoreOperationKind.Get).Should().Be(1, "only the candidate looked");
    }

    [Fact]
    public async Task Renew_AnswersAreLost_AreFoundOutByOneReadEachAndNotRepeated()
    {
        await using var lease = await TakeAsync();
        _store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailAfter() : StoreFault.None;

        _clock.Run(TimeSpan.FromSeconds(31));

        Count(StoreOperationKind.PatchMetadata).Should().Be(4);
        Count(StoreOperationKind.Get).Should().Be(1 + 4);
        lease.ThrowIfLost();
        _store.Inject = null;
    }

    [Fact]
    public async Task Renew_StoreDownForAMoment_IsTriedAgainEachSecond()
    {
        await using var lease = await TakeAsync();
        _store.Inject = _ => StoreFault.FailBefore();
        _clock.Run(TimeSpan.FromSeconds(10));
        Count(StoreOperationKind.PatchMetadata).Should().Be(3, "at 7.5, 8.5 and 9.5 s");

        _store.Inject = null;
        _clock.Run(TimeSpan.FromSeconds(8));

        Count(StoreOperationKind.PatchMetadata).Should().Be(5, "at 10.5 and, after that success, at 18 s");
        lease.ThrowIfLost();
        _log.Collector.GetSnapshot().Count(r => r.Id.Name == "LeaseRenewalFailed").Should().Be(6, "each renewal, and the read after it");
    }

    [Fact]
    public async Task Renew_StoreDownAfterAMinute_IsLostTwoThirdsOfTheTtlAfterTheLastRenewalByItself()
    {
        var lease = await TakeAsync();
        _clock.Run(TimeSpan.FromSeconds(60));
        _store.Inject = _ => StoreFault.FailBefore();

        _clock.Run(TimeSpan.FromSeconds(19.9));
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        _clock.Run(TimeSpan.FromSeconds(0.1));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        _lost.Should().Equal(Model);
        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage("*could not be renewed in time: *");
        var requests = _store.GetSnapshot().Count;
        _clock.Run(TimeSpan.FromMinutes(1));
        await lease.DisposeAsync();
        _lost.Should().ContainSingle("it is told once");
        _store.GetSnapshot().Should().HaveCount(requests, "nothing is asked for a lease that is lost");
    }

    [Theory]
    [InlineData("deleted", "its object was deleted")]
    [InlineData("released", "an operator has released it")]
    [InlineData("taken", "another/1 has taken it over")]
    [InlineData("copied", "*has taken it over")]
    public async Task Renew_LeaseIsNoLongerOurs_IsLostAtTheNextRenewalWithTheReason(string how, string reason)
    {
        var lease = await TakeAsync();
        var held = (await _inner.GetAsync(Name))!;
        await (how switch
        {
            "deleted" => _inner.DeleteAsync(Name),
            "released" => _inner.PatchMetadataAsync(Name, LeaseState.Release()),
            "taken" => WriteAsync(new LeaseState("x", 2, "y", Ttl, false, "another/1").ToMetadata()),
            _ => WriteAsync(new Dictionary<string, string>(held.Metadata)),
        });

        _clock.Run(TimeSpan.FromSeconds(7.5));

        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage($"*({reason})*");
        _lost.Should().Equal(Model);
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_CallHangs_IsGivenUpAfterASixthOfTheTtl()
    {
        await using var lease = await TakeAsync();
        _store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.StallBefore() : StoreFault.None;

        _clock.Run(TimeSpan.FromSeconds(7.5) + (Ttl / 6));
        _store.Inject = null;
        _clock.Run(TimeSpan.FromSeconds(1.5));

        _log.Collector.GetSnapshot().Should().Contain(r => r.Message.Contains("did not answer a request for a lease within 5 s"));
        _clock.Run(TimeSpan.FromSeconds(10));
        lease.ThrowIfLost();
    }

    [Fact]
    public async Task Dispose_Held_AsksForNothingAfterwards()
    {
        var lease = await TakeAsync();

        await lease.DisposeAsync();
        var requests = _store.GetSnapshot().Count;
        _clock.Run(TimeSpan.FromMinutes(2));

        _store.GetSnapshot().Should().HaveCount(requests);
        _lost.Should().BeEmpty();
        _log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseReleased");
    }

    [Fact]
    public async Task Dispose_AnswerOfTheReleaseIsLost_IsSeenByOneReadAndNotRepeated()
    {
        var lease = await TakeAsync();
        _store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailAfter() : StoreFault.None;

        await DisposeAsync(lease);

        Count(StoreOperationKind.PatchMetadata).Should().Be(2, "the second is refused, because the first took effect");
        Count(StoreOperationKind.Get).Should().Be(1 + 1);
        LeaseState.Read((await _inner.GetAsync(Name))!, Ttl).IsReleased.Should().BeTrue();
        _log.Collector.GetSnapshot().Should().NotContain(r => r.Id.Name == "LeaseReleaseFailed");
    }

    [Fact]
    public async Task Dispose_RenewedBehindItsBack_IsReleasedWithWhatAReadShows()
    {
        var lease = await TakeAsync();
        await _inner.PatchMetadataAsync(Name, LeaseState.Renewal("a renewal that is still under way"));

        await DisposeAsync(lease);

        LeaseState.Read((await _inner.GetAsync(Name))!, Ttl).IsReleased.Should().BeTrue();
    }

    [Fact]
    public async Task Dispose_TakenOverBehindItsBack_LeavesTheOtherAlone()
    {
        var lease = await TakeAsync();
        await WriteAsync(new LeaseState("x", 2, "y", Ttl, false, "another/1").ToMetadata());

        await DisposeAsync(lease);

        LeaseState.Read((await _inner.GetAsync(Name))!, Ttl).IsReleased.Should().BeFalse();
        Count(StoreOperationKind.PatchMetadata).Should().Be(1);
    }

    [Theory]
    [InlineData(ObjectStoreError.Unavailable, 3)]
    [InlineData(ObjectStoreError.RateLimited, 3)]
    [InlineData(ObjectStoreError.PermissionDenied, 1)]
    public async Task Dispose_StoreRefuses_TriesThreeTimesWhereWaitingHelpsAndNeverThrows(ObjectStoreError error, int tries)
    {
        var lease = await TakeAsync();
        _store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailBefore(error) : StoreFault.None;

        await DisposeAsync(lease);

        Count(StoreOperationKind.PatchMetadata).Should().Be(tries);
        _log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseReleaseFailed")
            .Which.Message.Should().Contain("it ends by itself within 30000 ms");
    }

    [Fact]
    public async Task Dispose_StoreHangs_EndsAfterThreeSeconds()
    {
        var lease = await TakeAsync();
        _store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.StallBefore() : StoreFault.None;

        await DisposeAsync(lease, TimeSpan.FromSeconds(3));

        _log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseReleaseFailed");
    }

    private async Task DisposeAsync(Lease lease, TimeSpan? within = null)
    {
        var disposing = lease.DisposeAsync().AsTask();
        _clock.Run(within ?? TimeSpan.FromSeconds(3));
        await disposing.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private int Count(StoreOperationKind kind) => _store.GetSnapshot().Count(o => o.Kind == kind);

    private Task<StoredObject> WriteAsync(Dictionary<string, string> metadata) =>
        _inner.WriteBytesAsync(Name, [], new ObjectWriteOptions { Metadata = metadata }, CancellationToken.None);

    private async Task<Lease> TakeAsync() => (await new LeaseManager(_store, new LeaseTimings(Ttl, TimeSpan.Zero), _clock, new Random(1), _log, _lost.Add)
        .CreateCandidate(Model).TryAcquireAsync(0, default))!;
}
