namespace Tabular.ModelCache.EndToEnd.Tests.StatusPage;

/// <summary>A clock whose timers wait until they are released, so that a server holds requests without a thread for each.</summary>
internal sealed class HeldClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HeldTimer> _timers = [];

    public bool IsReleased { get; private set; }

    public void Release()
    {
        lock (_gate)
        {
            IsReleased = true;
            _timers.ForEach(t => t.Fire());
            _timers.Clear();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HeldTimer(callback, state);
        lock (_gate)
        {
            if (IsReleased)
            {
                timer.Fire();
            }
            else
            {
                _timers.Add(timer);
            }
        }

        return timer;
    }

    private sealed class HeldTimer(TimerCallback callback, object? state) : ITimer
    {
        private volatile bool _isOver;

        public void Fire() => ThreadPool.QueueUserWorkItem(_ =>
        {
            if (!_isOver)
            {
                callback(state);
            }
        });

        public bool Change(TimeSpan dueTime, TimeSpan period) => !_isOver;

        public void Dispose() => _isOver = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
