using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Operations;

public sealed class UnlockTests
{
    private const string Model = "demo";
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-01-02T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly InMemoryObjectStore _store;

    public UnlockTests() => _store = new InMemoryObjectStore(_clock);

    [Fact]
    public async Task Unlock_NobodyHoldsIt_ChangesNothing()
    {
        var log = new FaultInjectingObjectStore(_store);

        (await Unlocker(log).UnlockAsync(Model, force: false, default)).Should().BeNull();
        await (await TakeAsync()).DisposeAsync();
        (await Unlocker(log).UnlockAsync(Model, force: true, default)).Should().BeNull();

        log.GetSnapshot().Should().NotContain(o => o.IsMutation);
    }

    [Fact]
    public async Task Unlock_LiveHolder_IsRefusedAsSoonAsItRenewsAndKeepsItsLease()
    {
        await using var lease = await TakeAsync();

        var unlock = Unlocker().UnlockAsync(Model, force: false, default);
        _clock.Run(Ttl);

        var refused = await ((Func<Task>)(() => unlock)).Should().ThrowAsync<ModelCacheException>();
        refused.Which.ExitCode.Should().Be(ModelCacheExitCodes.LeaseBusy);
        refused.WithMessage($"*is live: {Environment.MachineName}/*at epoch 1*--force*");
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        _clock.Run(Ttl);
        lease.ThrowIfLost();
    }

    [Fact]
    public async Task Unlock_DeadHolder_IsReleasedAfterAWholeTimeToLiveByAPatchThatKeepsTheEpoch()
    {
        await LeaveDeadLeaseAsync();

        var unlock = Unlocker().UnlockAsync(Model, force: false, default);
        _clock.Run(Ttl - TimeSpan.FromSeconds(1));
        unlock.IsCompleted.Should().BeFalse("nobody may be sure before a whole time to live has passed");
        _clock.Run(TimeSpan.FromSeconds(2));

        (await unlock)!.Epoch.Should().Be(7);
        var item = (await _store.GetAsync(LeaseManager.ObjectNameOf(Model)))!;
        item.Metadata["state"].Should().Be("released");
        item.Metadata["epoch"].Should().Be("7");
        await using var next = await TakeAsync();
        next.Attempt.Epoch.Should().Be(8);
    }

    [Fact]
    public async Task Unlock_StoreIsAwayForAWhile_StillWatches()
    {
        await LeaveDeadLeaseAsync();
        var looks = 0;
        var flaky = new FaultInjectingObjectStore(
            _store, o => o.Kind == StoreOperationKind.Get && ++looks is > 1 and < 4 ? StoreFault.FailBefore(ObjectStoreError.Unavailable) : StoreFault.None);

        var unlock = Unlocker(flaky).UnlockAsync(Model, force: false, default);
        _clock.Run(Ttl + TimeSpan.FromSeconds(5));

        (await unlock).Should().NotBeNull();
    }

    [Fact]
    public async Task Unlock_RenewedAtTheLastMoment_IsRefused()
    {
        await LeaveDeadLeaseAsync();
        var late = new FaultInjectingObjectStore(_store);
        late.Inject = o => o.Kind == StoreOperationKind.PatchMetadata
            ? StoreFault.RunBefore(async token =>
            {
                late.Inject = _ => StoreFault.None;
                await _store.PatchMetadataAsync(LeaseManager.ObjectNameOf(Model), LeaseState.Renewal("awake again"), cancellationToken: token);
            })
            : StoreFault.None;

        var unlock = Unlocker(late).UnlockAsync(Model, force: false, default);
        _clock.Run(Ttl + TimeSpan.FromSeconds(5));

        await ((Func<Task>)(() => unlock)).Should().ThrowAsync<ModelCacheException>().WithMessage("*is live*");
        (await _store.GetAsync(LeaseManager.ObjectNameOf(Model)))!.Metadata["state"].Should().Be("held");
    }

    [Fact]
    public async Task Unlock_ByForce_TakesItFromALiveHolderWhichNotices()
    {
        await using var lease = await TakeAsync();

        (await Unlocker().UnlockAsync(Model, force: true, default))!.Epoch.Should().Be(1);

        await using var next = await TakeAsync();
        next.Attempt.Epoch.Should().Be(2);
        _clock.Run(Ttl);
        lease.Lost.IsCancellationRequested.Should().BeTrue();
        next.ThrowIfLost();
    }

    [Fact]
    public async Task Unlock_AnswerOfTheReleaseIsLost_IsRecognisedAsDone()
    {
        await LeaveDeadLeaseAsync();
        var faulty = new FaultInjectingObjectStore(_store, o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.FailAfter() : StoreFault.None);

        var unlock = Unlocker(faulty).UnlockAsync(Model, force: true, default);
        _clock.Run(TimeSpan.FromSeconds(5));

        (await unlock)!.Epoch.Should().Be(7);
    }

    private LeaseManager Manager(IObjectStore? store = null) => new(
        store ?? _store, new LeaseTimings(Ttl, TimeSpan.Zero), _clock, new Random(1), NullLogger<LeaseManager>.Instance);

    private LeaseUnlocker Unlocker(IObjectStore? store = null) => new(Manager(store));

    private async Task<Lease> TakeAsync() =>
        await Manager().CreateCandidate(Model, isInCrowd: false).TryAcquireAsync(0, default) ?? throw new InvalidOperationException("It is held.");

    private Task<StoredObject> LeaveDeadLeaseAsync() => _store.WriteAsync(
        LeaseManager.ObjectNameOf(Model),
        new MemoryStream(),
        new ObjectWriteOptions { Metadata = new LeaseState("dead", 7, "1", Ttl, IsReleased: false, "gone/1").ToMetadata() });
}
