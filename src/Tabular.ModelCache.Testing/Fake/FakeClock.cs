namespace Tabular.ModelCache.Testing;

/// <summary>
/// The system's clock, ahead by what a test has let pass: waits of the library end by themselves in their time, and at once when the
/// test moves it.
/// </summary>
internal sealed class FakeClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly DateTimeOffset _startUtc = System.GetUtcNow();
    private readonly long _start = System.GetTimestamp();
    private readonly ITimer _pump;
    private long _aheadTicks;

    public FakeClock()
    {
        using (ExecutionContext.SuppressFlow())
        {
            _pump = System.CreateTimer(static clock => ((FakeClock)clock!).Pump(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Gets the time since this clock was made, by itself.</summary>
    private TimeSpan Now => System.GetElapsedTime(_start) + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => _startUtc + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// Lets time pass at once. What becomes due runs on this thread in its order, each at its own time, so that what is renewed every
    /// second stays alive through a minute.
    /// </summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var target = Now + time;

        // Where a context is set, continuations would go there instead of running inside the call.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (TakeNext(target, moves: true) is { } timer)
            {
                timer.Fire();
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _timers.Clear();
            _pump.Dispose();
        }
    }

    internal void Schedule(FakeTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            timer.Period = period > TimeSpan.Zero ? period : null;
            if (dueTime >= TimeSpan.Zero)
            {
                timer.Due = Now + dueTime;
                _timers.Add(timer);
            }

            Arm();
        }
    }

    internal void Remove(FakeTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    /// <summary>Takes the timer that is due first, up to a time, and moves the clock to it; to that time when there is none.</summary>
    private FakeTimer? TakeNext(TimeSpan until, bool moves)
    {
        lock (_gate)
        {
            var next = _timers.Where(t => t.Due <= until).MinBy(t => t.Due);
            if (moves)
            {
                var left = (next?.Due ?? until) - Now;
                Interlocked.Add(ref _aheadTicks, Math.Max(left.Ticks, 0));
            }

            if (next is { Period: { } period })
            {
                next.Due += period;
            }
            else if (next is not null)
            {
                _timers.Remove(next);
            }

            Arm();
            return next;
        }
    }

    private void Arm()
    {
        var wait = _timers.Count == 0 ? Timeout.InfiniteTimeSpan : _timers.Min(t => t.Due) - Now;
        _pump.Change(wait < Shortest && wait != Timeout.InfiniteTimeSpan ? Shortest : wait, Timeout.InfiniteTimeSpan);
    }

    private void Pump()
    {
        while (TakeNext(Now, moves: false) is { } timer)
        {
            // None waits for another, as with the timers of the system.
            ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
        }
    }
}
