using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>Who gets a lease, and when.</summary>
public sealed class LeaseTakeoverTests : LeaseTestBase
{
    [Fact]
    public async Task TryAcquire_NoLease_CreatesItHeld()
    {
        await using var lease = await TakeAsync();

        var item = await GetAsync();
        item.Metadata["state"].Should().Be("held");
        item.Metadata["owner"].Should().Be(lease.Attempt.Nonce);
        item.Metadata["ttlMs"].Should().Be("30000");
        item.CacheControl.Should().Be("no-store");
        lease.Attempt.Epoch.Should().Be(1);
    }

    [Fact]
    public async Task TryAcquire_LeaseObjectDeletedByHand_EpochStillRises()
    {
        await using var lease = await TakeAsync(floor: 41);

        lease.Attempt.Epoch.Should().Be(42);
    }

    [Fact]
    public async Task TryAcquire_RenewedHolder_IsNeverTakenOver()
    {
        await using var lease = await TakeAsync();
        var candidate = Manager().CreateCandidate(Model);

        for (var i = 0; i < 100; i++)
        {
            (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
            Run(TimeSpan.FromSeconds(5));
        }

        lease.Lost.IsCancellationRequested.Should().BeFalse();
        lease.ThrowIfLost();
    }

    [Fact]
    public async Task TryAcquire_DeadHolder_IsTakenOverAfterAWholeTtlOfOwnObservation()
    {
        await TakeAndDieAsync();
        Run(TimeSpan.FromDays(1));
        var candidate = Manager().CreateCandidate(Model);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull("the first look only starts the stopwatch, whatever the dates say");
        Run(Ttl - TimeSpan.FromMilliseconds(1));
        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Run(TimeSpan.FromMilliseconds(1));
        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease!.Attempt.Epoch.Should().Be(2);
    }

    [Fact]
    public async Task TryAcquire_TwoObserversOfADeadHolder_OneWins()
    {
        await TakeAndDieAsync();
        var one = Manager().CreateCandidate(Model);
        var other = Manager().CreateCandidate(Model);
        await one.TryAcquireAsync(0, default);
        await other.TryAcquireAsync(0, default);
        Run(Ttl);

        await using var first = await one.TryAcquireAsync(0, default);

        first.Should().NotBeNull();
        (await other.TryAcquireAsync(0, default)).Should().BeNull();
    }

    [Fact]
    public async Task TryAcquire_RenewedOnceSinceSeen_StartsTheStopwatchAgain()
    {
        await TakeAndDieAsync();
        var candidate = Manager().CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Run(Ttl);
        await Inner.PatchMetadataAsync(Name, LeaseState.Renewal("late renewal"));

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Run(Ttl);
        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease.Should().NotBeNull();
    }

    [Fact]
    public async Task TryAcquire_HolderThatClaimsACenturyOfTtl_IsNotBelieved()
    {
        await Inner.WriteBytesAsync(
            Name,
            [],
            new ObjectWriteOptions { Metadata = new Dictionary<string, string> { ["owner"] = "x", ["ttlMs"] = long.MaxValue.ToString(null, null), ["epoch"] = "-5" } },
            default);
        var candidate = Manager().CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Run(LeaseTimings.LongestTtl);

        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease!.Attempt.Epoch.Should().Be(1);
    }

    [Fact]
    public async Task TryAcquire_CreateWhoseAnswerIsLost_IsRecognisedAtTheNextTry()
    {
        var faulty = new FaultInjectingObjectStore(Inner, o => o.Kind == StoreOperationKind.Write ? StoreFault.FailAfter() : StoreFault.None);
        var candidate = Manager(faulty).CreateCandidate(Model);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull();
        Run(TimeSpan.FromSeconds(3));
        await using var lease = await candidate.TryAcquireAsync(0, default);

        lease.Should().NotBeNull();
        (await GetAsync()).Metadata["owner"].Should().Be(lease!.Attempt.Nonce);
    }

    [Fact]
    public async Task TryAcquire_OwnCreateSeenTooLate_IsNotAdopted()
    {
        var faulty = new FaultInjectingObjectStore(Inner, o => o.Kind == StoreOperationKind.Write ? StoreFault.FailAfter() : StoreFault.None);
        var candidate = Manager(faulty).CreateCandidate(Model);
        await candidate.TryAcquireAsync(0, default);
        Run(Ttl * 2 / 3);

        (await candidate.TryAcquireAsync(0, default)).Should().BeNull("its holder's time is up, although others still respect it");
    }
}
