namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A holder believes in its lease for far longer than it lasts without a renewal.</summary>
internal sealed class LossNoticedTooLate : PlantedBug
{
    public override TimeProvider WrapLeaseClock(TimeProvider clock) => new SlowClock(clock);

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
