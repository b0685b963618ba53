namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>
/// The queue of everything that will happen, by virtual time; what is due at the same instant comes in an order that the seed decides.
/// One event runs at a time, to the end of all continuations that it completes.
/// </summary>
internal sealed class VirtualTime(Random ties, Trace trace)
{
    /// <summary>The store's clock at the beginning.</summary>
    public static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<SimulatedEvent, (long Due, long Tie)> _queue = new();

    /// <summary>Gets the ticks since <see cref="Origin"/>.</summary>
    public long Now { get; private set; }

    public DateTimeOffset UtcNow => Origin + TimeSpan.FromTicks(Now);

    public long Executed { get; private set; }

    /// <summary>Gets whose event ran last.</summary>
    public SimulatedProcess? LastOwner { get; private set; }

    /// <summary>Gets how many requests are under way that may still change the store.</summary>
    public int EffectsUnderWay { get; private set; }

    public void After(TimeSpan delay, SimulatedProcess? owner, string label, Action run, bool isEffect = false) =>
        At(Now + Math.Max(0, delay.Ticks), owner, label, run, isEffect);

    public void At(long due, SimulatedProcess? owner, string label, Action run, bool isEffect = false)
    {
        if (isEffect)
        {
            EffectsUnderWay++;
        }

        _queue.Enqueue(new SimulatedEvent(owner, label, run, isEffect), (due, ties.NextInt64()));
    }

    /// <summary>Runs the next event.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Step()
    {
        while (_queue.TryDequeue(out var next, out var priority))
        {
            Now = Math.Max(Now, priority.Due);
            if (next.Owner is { IsDead: false } owner && owner.PausedUntil > Now)
            {
                // Like the sockets and timers of a stopped process: everything waits, and comes at once afterwards.
                _queue.Enqueue(next, (owner.PausedUntil, ties.NextInt64()));
                continue;
            }

            if (next.IsEffect)
            {
                EffectsUnderWay--;
            }

            if (next.Owner is { IsDead: true })
            {
                continue;
            }

            Executed++;
            LastOwner = next.Owner;
            trace.Note(Now, next.Owner?.Id ?? 0, next.Label);
            next.Run();
            return true;
        }

        return false;
    }
}
