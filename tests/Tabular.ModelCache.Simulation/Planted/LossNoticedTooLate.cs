using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>
/// Every second process believes in its lease for far longer than it lasts without a renewal: the lease's clock stands in for a wrong
/// sum, which an observer does not make as well, because it would then wait longer too.
/// </summary>
internal sealed class LossNoticedTooLate : PlantedBug
{
    public override TimeProvider WrapLeaseClock(TimeProvider clock, SimulatedProcess process) =>
        process.Id % 2 == 0 ? new SlowClock(clock) : clock;

    private sealed class SlowClock(TimeProvider inner) : TimeProvider
    {
        private const long Slowness = 4;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp() / Slowness;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
