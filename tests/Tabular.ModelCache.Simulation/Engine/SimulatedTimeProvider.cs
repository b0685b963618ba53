namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>The clocks of one process: monotonic, wall clock and timers, all with the rate of its machine.</summary>
internal sealed class SimulatedTimeProvider(SimulatedProcess process, VirtualTime time, SimulationThread thread) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        thread.Assert();
        return process.MonotonicTicks;
    }

    public override DateTimeOffset GetUtcNow()
    {
        thread.Assert();
        return process.WallClock;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        thread.Assert();
        var timer = new SimulatedTimer(process, time, thread, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
