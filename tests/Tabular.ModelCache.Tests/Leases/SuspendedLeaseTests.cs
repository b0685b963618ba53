using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>A machine that is suspended, while its monotonic clock stands still.</summary>
public sealed class SuspendedLeaseTests : LeaseTestBase
{
    [Fact]
    public async Task ThrowIfLost_WallClockFarAheadOfTheMonotonicOne_CountsAsSuspended()
    {
        var clock = new SuspendedClock(Clock);
        var manager = Manager(clock: clock);
        var lease = (await manager.CreateCandidate(Model).TryAcquireAsync(0, default))!;

        clock.Suspended = TimeSpan.FromMinutes(5);

        lease.Invoking(l => l.ThrowIfLost()).Should().Throw<ModelCacheException>().WithMessage("*renewed in time*");
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task TryAcquire_SuspendedBeforeTheAnswer_IsNoLease()
    {
        var clock = new SuspendedClock(Clock);
        var store = new FaultInjectingObjectStore(
            Inner, o => o.Kind == StoreOperationKind.Write ? StoreFault.RunAfter(_ => clock.SuspendAsync(TimeSpan.FromMinutes(5))) : StoreFault.None);
        var manager = Manager(store, clock);

        var lease = await manager.CreateCandidate(Model).TryAcquireAsync(0, default);

        lease.Should().BeNull("others have taken it over while this machine slept, although its monotonic clock stood still");
    }

    [Fact]
    public async Task Renew_SuspendedBeforeTheAnswer_IsLost()
    {
        var clock = new SuspendedClock(Clock);
        var store = new FaultInjectingObjectStore(
            Inner, o => o.Kind == StoreOperationKind.PatchMetadata ? StoreFault.RunAfter(_ => clock.SuspendAsync(TimeSpan.FromMinutes(5))) : StoreFault.None);
        var manager = Manager(store, clock);
        await using var lease = (await manager.CreateCandidate(Model).TryAcquireAsync(0, default))!;

        Run(Ttl / 4);

        lease.Lost.IsCancellationRequested.Should().BeTrue();
    }

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
