namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>A timer of a process, by that process's monotonic clock.</summary>
internal sealed class SimulatedTimer(SimulatedProcess process, VirtualTime time, SimulationThread thread, TimerCallback callback, object? state) : ITimer
{
    private long _version;
    private long _due;
    private bool _disposed;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        thread.Assert();
        if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
        {
            throw new NotSupportedException("Periodic timers are not simulated.");
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        _version++;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            _due = process.MonotonicTicks + dueTime.Ticks;
            Schedule(_version);
        }

        return true;
    }

    public void Dispose()
    {
        _disposed = true;
        _version++;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Schedule(long version)
    {
        var left = Math.Max(0, _due - process.MonotonicTicks);
        time.At(time.Now + (long)Math.Ceiling(left / process.ClockRate), process, "timer", () => Fire(version));
    }

    private void Fire(long version)
    {
        if (version != _version)
        {
            return;
        }

        if (process.MonotonicTicks < _due)
        {
            // The clock stood still meanwhile, or the division was rounded.
            time.At(time.Now + 1 + (long)((_due - process.MonotonicTicks) / process.ClockRate), process, "timer", () => Fire(version));
            return;
        }

        callback(state);
    }
}
