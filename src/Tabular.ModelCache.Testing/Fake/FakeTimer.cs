namespace Tabular.ModelCache.Testing;

/// <summary>One timer of a <see cref="FakeClock"/>.</summary>
internal sealed class FakeTimer(FakeClock clock, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private volatile bool _isDisposed;

    /// <summary>Gets or sets when it fires next; under the lock of the clock.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>Gets or sets how often it fires; <see langword="null"/> for once.</summary>
    public TimeSpan? Period { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed)
        {
            return false;
        }

        clock.Schedule(this, dueTime, period);
        return true;
    }

    public void Fire()
    {
        if (_isDisposed)
        {
            return;
        }

        if (_context is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_context, _ => callback(state), null);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        clock.Remove(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
