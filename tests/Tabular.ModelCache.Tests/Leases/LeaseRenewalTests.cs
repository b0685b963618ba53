using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>What a holder asks of the store and when, and that it keeps the lease by it.</summary>
public sealed class LeaseRenewalTests : LeaseTestBase
{
    [Fact]
    public async Task Renew_LostResponses_KeepsTheLease()
    {
        var patches = 0;
        var faulty = new FaultInjectingObjectStore(
            Inner, o => o.Kind == StoreOperationKind.PatchMetadata && ++patches % 2 == 1 ? StoreFault.FailAfter() : StoreFault.None);
        await using var lease = await TakeAsync(faulty);

        for (var i = 0; i < 300; i++)
        {
            Run(TimeSpan.FromSeconds(1));
            lease.Lost.IsCancellationRequested.Should().BeFalse("after {0} s", i);
        }

        patches.Should().BeGreaterThan(20);

        // The release waits before another try, and nobody moves the clock any more.
        faulty.Inject = null;
    }

    [Fact]
    public async Task StoreTime_OtherClockThanOurs_FollowsTheStore()
    {
        var storeClock = new FakeTimeProvider(DateTimeOffset.Parse("2030-05-05T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        var store = new InMemoryObjectStore(storeClock);
        await using var lease = await TakeAsync(store);

        lease.StoreTime.Should().Be(storeClock.GetUtcNow());
    }

    [Fact]
    public async Task StoreTime_TimePassesAndRenewals_GoesOnByOurClockFromTheLastAnswer()
    {
        await using var lease = await TakeAsync();
        var start = StoreClock.GetUtcNow();

        Run(TimeSpan.FromSeconds(5));
        lease.StoreTime.Should().Be(start + TimeSpan.FromSeconds(5));

        StoreClock.Advance(TimeSpan.FromMinutes(1));
        Run(TimeSpan.FromSeconds(3.5));
        lease.StoreTime.Should().Be(start + TimeSpan.FromSeconds(61), "a renewal at 7.5 s has told the time, and a second has passed");
    }

    [Fact]
    public async Task Renew_NothingGoesWrong_IsOneChangeInAQuarterOfTheTtl()
    {
        await using var lease = await TakeAsync();

        Run(TimeSpan.FromSeconds(61));

        Count(StoreOperationKind.PatchMetadata).Should().Be(8);
        Count(StoreOperationKind.Get).Should().Be(1, "only the candidate looked");
    }

    [Fact]
    public async Task Renew_AnswersAreLost_AreFoundOutByOneReadEachAndNotRepeated()
    {
        await using var lease = await TakeAsync();
        Store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailAfter() : StoreFault.None;

        Run(TimeSpan.FromSeconds(31));

        Count(StoreOperationKind.PatchMetadata).Should().Be(4);
        Count(StoreOperationKind.Get).Should().Be(1 + 4);
        lease.ThrowIfLost();
        Store.Inject = null;
    }

    [Fact]
    public async Task Renew_StoreDownForAMoment_IsTriedAgainEachSecond()
    {
        await using var lease = await TakeAsync();
        Store.Inject = _ => StoreFault.FailBefore();
        Run(TimeSpan.FromSeconds(10));
        Count(StoreOperationKind.PatchMetadata).Should().Be(3, "at 7.5, 8.5 and 9.5 s");

        Store.Inject = null;
        Run(TimeSpan.FromSeconds(8));

        Count(StoreOperationKind.PatchMetadata).Should().Be(5, "at 10.5 and, after that success, at 18 s");
        lease.ThrowIfLost();
        Log.Collector.GetSnapshot().Count(r => r.Id.Name == "LeaseRenewalFailed").Should().Be(6, "each renewal, and the read after it");
    }

    [Fact]
    public async Task Renew_CallHangs_IsGivenUpAfterASixthOfTheTtl()
    {
        await using var lease = await TakeAsync();
        Store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.StallBefore() : StoreFault.None;

        Run(TimeSpan.FromSeconds(7.5) + (Ttl / 6));
        Store.Inject = null;
        Run(TimeSpan.FromSeconds(1.5));

        Log.Collector.GetSnapshot().Should().Contain(r => r.Message.Contains("did not answer a request for a lease within 5 s"));
        Run(TimeSpan.FromSeconds(10));
        lease.ThrowIfLost();
    }
}
