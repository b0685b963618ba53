using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>What a holder does to give the lease back.</summary>
public sealed class LeaseReleaseTests : LeaseTestBase
{
    [Fact]
    public async Task Dispose_HeldLease_ReleasesByPatchAndTheNextEpochIsHigher()
    {
        var lease = await TakeAsync();
        var held = await GetAsync();

        await lease.DisposeAsync();
        await lease.DisposeAsync();

        var released = await GetAsync();
        released.Generation.Should().Be(held.Generation, "a release is no new version");
        released.Metadata["state"].Should().Be("released");
        await using var next = await TakeAsync();
        next.Attempt.Epoch.Should().Be(2);
        (await GetAsync()).Generation.Should().NotBe(held.Generation);
    }

    [Fact]
    public async Task Dispose_ChangedWithinTheLastSecond_TriesTheReleaseAgain()
    {
        var refusals = 0;
        var store = new FaultInjectingObjectStore(
            Inner,
            o => o.Kind == StoreOperationKind.PatchMetadata && refusals++ == 0 ? StoreFault.FailBefore(ObjectStoreError.RateLimited) : StoreFault.None);
        var lease = await TakeAsync(store);

        var disposing = lease.DisposeAsync().AsTask();
        Run(TimeSpan.FromSeconds(1));
        await disposing;

        (await GetAsync()).Metadata["state"].Should().Be("released");
    }

    [Fact]
    public async Task Dispose_Held_AsksForNothingAfterwards()
    {
        var lease = await TakeAsync();

        await lease.DisposeAsync();
        var requests = Store.GetSnapshot().Count;
        Run(TimeSpan.FromMinutes(2));

        Store.GetSnapshot().Should().HaveCount(requests);
        Lost.Should().BeEmpty();
        Log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseReleased");
    }

    [Fact]
    public async Task Dispose_AnswerOfTheReleaseIsLost_IsSeenByOneReadAndNotRepeated()
    {
        var lease = await TakeAsync();
        Store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailAfter() : StoreFault.None;

        await ReleaseAsync(lease);

        Count(StoreOperationKind.PatchMetadata).Should().Be(2, "the second is refused, because the first took effect");
        Count(StoreOperationKind.Get).Should().Be(1 + 1);
        LeaseState.Read((await Inner.GetAsync(Name))!, Ttl).IsReleased.Should().BeTrue();
        Log.Collector.GetSnapshot().Should().NotContain(r => r.Id.Name == "LeaseReleaseFailed");
    }

    [Fact]
    public async Task Dispose_RenewedBehindItsBack_IsReleasedWithWhatAReadShows()
    {
        var lease = await TakeAsync();
        await Inner.PatchMetadataAsync(Name, LeaseState.Renewal("a renewal that is still under way"));

        await ReleaseAsync(lease);

        LeaseState.Read((await Inner.GetAsync(Name))!, Ttl).IsReleased.Should().BeTrue();
    }

    [Fact]
    public async Task Dispose_TakenOverBehindItsBack_LeavesTheOtherAlone()
    {
        var lease = await TakeAsync();
        await WriteAsync(new LeaseState("x", 2, "y", Ttl, false, "another/1").ToMetadata());

        await ReleaseAsync(lease);

        LeaseState.Read((await Inner.GetAsync(Name))!, Ttl).IsReleased.Should().BeFalse();
        Count(StoreOperationKind.PatchMetadata).Should().Be(1);
    }

    [Theory]
    [InlineData(ObjectStoreError.Unavailable, 3)]
    [InlineData(ObjectStoreError.RateLimited, 3)]
    [InlineData(ObjectStoreError.PermissionDenied, 1)]
    public async Task Dispose_StoreRefuses_TriesThreeTimesWhereWaitingHelpsAndNeverThrows(ObjectStoreError error, int tries)
    {
        var lease = await TakeAsync();
        Store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailBefore(error) : StoreFault.None;

        await ReleaseAsync(lease);

        Count(StoreOperationKind.PatchMetadata).Should().Be(tries);
        Log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseReleaseFailed")
            .Which.Message.Should().Contain("it ends by itself within 30000 ms");
    }

    [Fact]
    public async Task Dispose_StoreHangs_EndsAfterThreeSeconds()
    {
        var lease = await TakeAsync();
        Store.Inject = o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.StallBefore() : StoreFault.None;

        await ReleaseAsync(lease, TimeSpan.FromSeconds(3));

        Log.Collector.GetSnapshot().Should().ContainSingle(r => r.Id.Name == "LeaseReleaseFailed");
    }

    private async Task ReleaseAsync(Lease lease, TimeSpan? within = null)
    {
        var disposing = lease.DisposeAsync().AsTask();
        Run(within ?? TimeSpan.FromSeconds(3));
        await disposing.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
