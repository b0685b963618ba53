using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Leases;

public sealed class LeaseTests
{
    private const string Model = "demo";
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-02T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly InMemoryObjectStore _store;

    public LeaseTests() => _store = new InMemoryObjectStore(_clock);

    private static string Name => LeaseManager.ObjectNameOf(Model);

    [Fact]
    public async Task TryAcquire_NoLease_CreatesItHeld()
    {
        await using var lease = await TakeAsync(_store);

        var item = await GetAsync();
        item.Metadata["state"].Should().Be("held");
        item.Metadata["owner"].Should().Be(lease.Attempt.Nonce);
        item.Metadata["ttlMs"].Should().Be("30000");
        item.CacheControl.Should().Be("no-store");
        lease.Attempt.Epoch.Should().Be(1);
    }

    [Fact]
    public async Task Dispose_HeldLease_ReleasesByPatchAndTheNextEpochIsHigher()
    {
        var lease = await TakeAsync(_store);
        var held = await GetAsync();

        await lease.DisposeAsync();
        await lease.DisposeAsync();

        var released = await GetAsync();
        released.Generation.Should().Be(held.Generation, "a release is no new version");
        released.Metadata["state"].Should().Be("released");
        await using var next = await TakeAsync(_store);
        next.Attempt.Epoch.Should().Be(2);
        (await GetAsync()).Generation.Should().NotBe(held.Generation);
    }

    [Fact]
    public async Task Dispose_ChangedWithinTheLastSecond_TriesTheReleaseAgain()
    {
        var refusals = 0;
        var store = new FaultInjectingObjectStore(
            _store,
            o => o.Kind == StoreOperationKind.PatchMetadata && refusals++ == 0 ? StoreFault.FailBefore(ObjectStoreError.RateLimited) : StoreFault.None);
        var lease = await TakeAsync(store);

        var disposing = lease.DisposeAsync().AsTask();
        Advance(TimeSpan.FromSeconds(1));
        await disposing;

        (await GetAsync()).Metadata["state"].Should().Be("released");
    }

    [Fact]
    public async Task TryAcquire_LeaseObjectDeletedByHand_EpochStillRises()
    {
        await using var lease = await TakeAsync(_store, floor: 41);

        lease.Attempt.Epoch.Should().Be(42);
    }

    [Fact]
    public async Task TryAcquire_RenewedHolder_IsNeverTakenOver()
    {
        await using var lease = await TakeAsync(_store);
        var candidate = Manager(_store).CreateCandidate(Model);

        for (var i = 0; i < 100; i++)
        {
            (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
            Advance(TimeSpan.FromSeconds(5));
        }

        lease.Lost.IsCancellationRequested.Should().BeFalse();
        lease.ThrowIfLost();
    }

    [Fact]
    public async Task TryAcquire_DeadHolder_IsTakenOverAfterAWholeTtlOfOwnObservation()
    {
        await TakeAndDieAsync();
        Advance(TimeSpan.FromDays(1));
        var candidate = Manager(_store).CreateCandidate(Model);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull("the first look only starts the stopwatch, whatever the dates say");
        Advance(Ttl - TimeSpan.FromMilliseconds(1));
        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Advance(TimeSpan.FromMilliseconds(1));
        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease!.Attempt.Epoch.Should().Be(2);
    }

    [Fact]
    public async Task TryAcquire_TwoObserversOfADeadHolder_OneWins()
    {
        await TakeAndDieAsync();
        var one = Manager(_store).CreateCandidate(Model);
        var other = Manager(_store).CreateCandidate(Model);
        await one.TryAcquireAsync(0, default);
        await other.TryAcquireAsync(0, default);
        Advance(Ttl);

        await using var first = await one.TryAcquireAsync(0, default);

        first.Should().NotBeNull();
        (await other.TryAcquireAsync(0, default)).Should().BeNull();
    }

    [Fact]
    public async Task TryAcquire_RenewedOnceSinceSeen_StartsTheStopwatchAgain()
    {
        await TakeAndDieAsync();
        var candidate = Manager(_store).CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Advance(Ttl);
        await _store.PatchMetadataAsync(Name, LeaseState.Renewal("late renewal"));

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Advance(Ttl);
        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease.Should().NotBeNull();
    }

    [Fact]
    public async Task TryAcquire_HolderThatClaimsACenturyOfTtl_IsNotBelieved()
    {
        await _store.WriteBytesAsync(
            Name,
            [],
            new ObjectWriteOptions { Metadata = new Dictionary<string, string> { ["owner"] = "x", ["ttlMs"] = long.MaxValue.ToString(null, null), ["epoch"] = "-5" } },
            default);
        var candidate = Manager(_store).CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Advance(LeaseTimings.LongestTtl);

        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease!.Attempt.Epoch.Should().Be(1);
    }

    [Fact]
    public async Task TryAcquire_CreateWhoseAnswerIsLost_IsRecognisedAtTheNextTry()
    {
        var faulty = new FaultInjectingObjectStore(_store, o => o.Kind == StoreOperationKind.Write ? StoreFault.FailAfter() : StoreFault.None);
        var candidate = Manager(faulty).CreateCandidate(Model);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Advance(TimeSpan.FromSeconds(3));
        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease.Should().NotBeNull();
        (await GetAsync()).Metadata["owner"].Should().Be(lease!.Attempt.Nonce);
    }

    [Fact]
    public async Task TryAcquire_OwnCreateSeenTooLate_IsNotAdopted()
    {
        var faulty = new FaultInjectingObjectStore(_store, o => o.Kind == StoreOperationKind.Write ? StoreFault.FailAfter() : StoreFault.None);
        var candidate = Manager(faulty).CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Advance(Ttl * 2 / 3);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull("its holder's time is up, although others still respect it");
    }

    [Fact]
    public async Task Renew_StoreDown_IsLostAtTwoThirdsOfTheTtlByATimer()
    {
        var down = false;
        var faulty = new FaultInjectingObjectStore(_store, _ => down ? StoreFault.FailBefore(ObjectStoreError.Unavailable) : StoreFault.None);
        var lease = await TakeAsync(faulty);
        down = true;

        Advance((Ttl * 2 / 3) - TimeSpan.FromMilliseconds(1));
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        Advance(TimeSpan.FromMilliseconds(1));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage("*lost*");
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_HungCall_DoesNotDelayTheLoss()
    {
        var stall = new StoreStall();
        var hang = false;
        var faulty = new FaultInjectingObjectStore(_store, _ => hang ? StoreFault.StallBefore(stall) : StoreFault.None);
        var lease = await TakeAsync(faulty);
        hang = true;

        Advance(Ttl * 2 / 3);

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        stall.Release();
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_LostResponses_KeepsTheLease()
    {
        var patches = 0;
        var faulty = new FaultInjectingObjectStore(
            _store, o => o.Kind == StoreOperationKind.PatchMetadata && ++patches % 2 == 1 ? StoreFault.FailAfter() : StoreFault.None);
        await using var lease = await TakeAsync(faulty);

        for (var i = 0; i < 300; i++)
        {
            Advance(TimeSpan.FromSeconds(1));
            lease.Lost.IsCancellationRequested.Should().BeFalse("after {0} s", i);
        }

        patches.Should().BeGreaterThan(20);

        // The release waits before another try, and nobody moves the clock any more.
        faulty.Inject = null;
    }

    [Fact]
    public async Task Renew_TakenOverWhilePaused_IsLostAndReleaseLeavesTheOtherAlone()
    {
        var paused = false;
        var faulty = new FaultInjectingObjectStore(_store, _ => paused ? StoreFault.FailBefore(ObjectStoreError.Unavailable) : StoreFault.None);
        var former = await TakeAsync(faulty);
        paused = true;
        var candidate = Manager(_store).CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Advance(Ttl);
        await using var holder = await candidate.TryAcquireAsync(0, default);
        paused = false;

        Advance(TimeSpan.FromSeconds(10));
        await former.DisposeAsync();

        former.Lost.IsCancellationRequested.Should().BeTrue();
        holder!.Lost.IsCancellationRequested.Should().BeFalse();
        (await GetAsync()).Metadata["owner"].Should().Be(holder.Attempt.Nonce);
        (await GetAsync()).Metadata["state"].Should().Be("held");
    }

    [Fact]
    public async Task Renew_ReleasedByAnOperator_IsLost()
    {
        var lease = await TakeAsync(_store);
        await _store.PatchMetadataAsync(Name, LeaseState.Release());

        Advance(TimeSpan.FromSeconds(8));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task Renew_ObjectDeleted_IsLost()
    {
        var lease = await TakeAsync(_store);
        await _store.DeleteAsync(Name);

        Advance(TimeSpan.FromSeconds(8));

        lease.Lost.IsCancellationRequested.Should().BeTrue();
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task ThrowIfLost_WallClockFarAheadOfTheMonotonicOne_CountsAsSuspended()
    {
        var clock = new SuspendedClock(_clock);
        var manager = new LeaseManager(_store, new LeaseTimings(Ttl, TimeSpan.Zero), clock, new Random(1), NullLogger<LeaseManager>.Instance);
        var lease = (await manager.CreateCandidate(Model).TryAcquireAsync(0, default))!;

        clock.Suspended = TimeSpan.FromMinutes(5);

        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage("*renewed in time*");
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task TryAcquire_SuspendedBeforeTheAnswer_IsNoLease()
    {
        var clock = new SuspendedClock(_clock);
        var store = new FaultInjectingObjectStore(
            _store, o => o.Kind == StoreOperationKind.Write ? StoreFault.RunAfter(_ => clock.SuspendAsync(TimeSpan.FromMinutes(5))) : StoreFault.None);
        var manager = new LeaseManager(store, new LeaseTimings(Ttl, TimeSpan.Zero), clock, new Random(1), NullLogger<LeaseManager>.Instance);

        var lease = await manager.CreateCandidate(Model).TryAcquireAsync(0, default);

        lease.Should().BeNull("others have taken it over while this machine slept, although its monotonic clock stood still");
    }

    [Fact]
    public async Task Renew_SuspendedBeforeTheAnswer_IsLost()
    {
        var clock = new SuspendedClock(_clock);
        var store = new FaultInjectingObjectStore(
            _store, o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.RunAfter(_ => clock.SuspendAsync(TimeSpan.FromMinutes(5))) : StoreFault.None);
        var manager = new LeaseManager(store, new LeaseTimings(Ttl, TimeSpan.Zero), clock, new Random(1), NullLogger<LeaseManager>.Instance);
        await using var lease = (await manager.CreateCandidate(Model).TryAcquireAsync(0, default))!;

        Advance(Ttl / 4);

        lease.Lost.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public async Task StoreTime_OtherClockThanOurs_FollowsTheStore()
    {
        var storeClock = new FakeTimeProvider(DateTimeOffset.Parse("2030-05-05T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        var store = new InMemoryObjectStore(storeClock);
        await using var lease = await TakeAsync(store);

        lease.StoreTime.Should().Be(storeClock.GetUtcNow());
    }

    /// <summary>A holder that is never heard of again: it renews nothing and releases nothing.</summary>
    private async Task TakeAndDieAsync()
    {
        var faulty = new FaultInjectingObjectStore(_store);
        await TakeAsync(faulty);
        faulty.Inject = _ => StoreFault.FailBefore();
    }

    private LeaseManager Manager(IObjectStore store) => new(store, new LeaseTimings(Ttl, TimeSpan.Zero), _clock, new Random(1), NullLogger<LeaseManager>.Instance);

    private async Task<Lease> TakeAsync(IObjectStore store, long floor = 0) =>
        (await Manager(store).CreateCandidate(Model).TryAcquireAsync(floor, default))!;

    private async Task<StoredObject> GetAsync() => (await _store.GetAsync(Name))!;

    private void Advance(TimeSpan time) => _clock.Run(time);

    private sealed class SuspendedClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Suspended { get; set; }

        public Task SuspendAsync(TimeSpan time)
        {
            Suspended += time;
            return Task.CompletedTask;
        }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Suspended;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
