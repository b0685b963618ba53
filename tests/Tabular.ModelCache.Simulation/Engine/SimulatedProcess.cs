using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>One process: an instance from start to end, a sync job, or an operator's command.</summary>
internal sealed class SimulatedProcess(int id, string name, double clockRate, bool isWallClockSteady, TimeSpan wallClockOffset, VirtualTime time)
{
    private long _suspendedTicks;
    private TimeSpan _wallClockOffset = wallClockOffset;

    public int Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>Gets how fast this machine's clock runs; 1 is right.</summary>
    public double ClockRate { get; } = clockRate;

    public long StartedAt { get; } = time.Now;

    public bool IsOperator { get; init; }

    /// <summary>Gets whether it has crashed or ended: nothing of it runs any more, but what it has sent may still arrive.</summary>
    public bool IsDead { get; private set; }

    public long PausedUntil { get; private set; }

    /// <summary>Gets or sets until when none of its lease requests gets through; all its others do.</summary>
    public long LeaseCutUntil { get; set; }

    /// <summary>Gets whether it was ever stopped; then only the weaker promises hold for it.</summary>
    public bool WasPaused { get; private set; }

    public bool IsReady { get; set; }

    /// <summary>Gets or sets whether it follows updates.</summary>
    public bool Follows { get; set; }

    /// <summary>Gets what it serves, by model, as it was last checked.</summary>
    public Dictionary<string, string?> Served { get; } = new(StringComparer.Ordinal);

    public ModelCacheStatusHolder? Status { get; set; }

    public ModelCacheStatus? SeenStatus { get; set; }

    public LaggingMount? Mount { get; set; }

    /// <summary>Gets or sets what is to be done when it crashes.</summary>
    public Action? Crashed { get; set; }

    /// <summary>Gets the digests that its configuration pins, by model.</summary>
    public IReadOnlyDictionary<string, string> PinnedDigests { get; init; } = new Dictionary<string, string>();

    public Dictionary<string, ProcessLedger> Models { get; } = new(StringComparer.Ordinal);

    public long MonotonicTicks => (long)((time.Now - _suspendedTicks) * ClockRate);

    public DateTimeOffset WallClock =>
        VirtualTime.Origin + _wallClockOffset + TimeSpan.FromTicks(isWallClockSteady ? time.Now : (long)(time.Now * ClockRate));

    public ProcessLedger Of(string model)
    {
        if (!Models.TryGetValue(model, out var ledger))
        {
            Models[model] = ledger = new ProcessLedger();
        }

        return ledger;
    }

    /// <summary>Sets its wall clock, as a time service or a person does.</summary>
    public void SetWallClock(TimeSpan offset) => _wallClockOffset = offset;

    public void Kill() => IsDead = true;

    /// <summary>Stops it.</summary>
    /// <param name="duration">For how long.</param>
    /// <param name="suspend">Whether the monotonic clock stands still as well, as that of a suspended virtual machine does.</param>
    public void Pause(TimeSpan duration, bool suspend)
    {
        if (IsDead || PausedUntil > time.Now)
        {
            return;
        }

        PausedUntil = time.Now + duration.Ticks;
        WasPaused = true;
        if (suspend)
        {
            _suspendedTicks += duration.Ticks;
        }
    }
}
