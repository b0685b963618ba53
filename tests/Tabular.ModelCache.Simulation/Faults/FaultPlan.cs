using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Simulation.Faults;

/// <summary>
/// Which kinds of faults a seed has, and how often. Each seed switches on a random subset: kinds that are rare alone are then seen
/// together, and kinds that hide each other are seen apart.
/// </summary>
internal sealed class FaultPlan
{
    private readonly Dictionary<RequestFault, double> _mutations = [];
    private readonly Dictionary<RequestFault, double> _reads = [];

    public FaultPlan(Random random)
    {
        IsCalm = random.Next(10) == 0;
        Ttl = TimeSpan.FromSeconds(random.Next(3) switch { 0 => 4, 1 => 10, _ => 30 });
        bool On() => !IsCalm && random.Next(2) == 0;
        double Often() => On() ? 0.002 * Math.Pow(25, random.NextDouble()) : 0;

        foreach (var fault in Enum.GetValues<RequestFault>())
        {
            _mutations[fault] = Often();
            _reads[fault] = Often() / 3;
        }

        // A crash or a long stop of one process in a hundred changes is plenty.
        foreach (var fault in new[] { RequestFault.PauseBefore, RequestFault.PauseAfter, RequestFault.CrashBefore, RequestFault.CrashAfter })
        {
            _mutations[fault] /= 3;
            _reads[fault] = 0;
        }

        _mutations[RequestFault.None] = _reads[RequestFault.None] = 0;
        _mutations[RequestFault.Truncated] = _reads[RequestFault.RateLimited] = _reads[RequestFault.RetriedBelow] = 0;
        LimitsObjectRate = On();
        Crashes = On() ? random.Next(1, 8) : 0;
        Pauses = On() ? random.Next(1, 8) : 0;
        LeaseOutages = On() ? random.Next(1, 6) : 0;
        Suspends = random.Next(3) == 0;
        SourceFailure = Often() / 3;
        Drift = IsCalm ? ClockDrift.None : (ClockDrift)random.Next(3);
        WallClocksAreWrong = On();
        MountLag = TimeSpan.FromSeconds(random.Next(3) switch { 0 => 0, 1 => 5, _ => 60 });
        IsSlowNetwork = !IsCalm && random.Next(4) == 0;
        ElectionSlot = TimeSpan.FromMilliseconds(random.Next(2) * 200);
        PageSize = random.Next(3) == 0 ? 3 : 1000;
        IsOn = true;
    }

    public bool IsCalm { get; }

    public bool IsOn { get; set; }

    public TimeSpan Ttl { get; }

    public TimeSpan ElectionSlot { get; }

    /// <summary>Gets how many objects a page of a list has.</summary>
    public int PageSize { get; }

    public bool LimitsObjectRate { get; }

    public int Crashes { get; }

    public int Pauses { get; }

    /// <summary>Gets how often a process cannot reach its lease, and only that, for a while.</summary>
    public int LeaseOutages { get; }

    public bool Suspends { get; }

    public double SourceFailure { get; }

    public ClockDrift Drift { get; }

    public bool WallClocksAreWrong { get; }

    public TimeSpan MountLag { get; }

    public bool IsSlowNetwork { get; }

    /// <summary>Gets whether the lease promises one holder at a time, of processes that were never stopped.</summary>
    public bool KeepsMargin => Drift != ClockDrift.BeyondMargin;

    public RequestFault Draw(Random random, StoreOperationKind kind)
    {
        if (!IsOn)
        {
            return RequestFault.None;
        }

        var isRead = kind is StoreOperationKind.Get or StoreOperationKind.OpenRead or StoreOperationKind.List;
        var left = random.NextDouble();
        foreach (var (fault, often) in isRead ? _reads : _mutations)
        {
            left -= often;
            if (left < 0)
            {
                return fault == RequestFault.Truncated && kind != StoreOperationKind.OpenRead ? RequestFault.FailBefore : fault;
            }
        }

        return RequestFault.None;
    }

    public double DrawClockRate(Random random) => Drift switch
    {
        // The quotient of any two stays above two thirds.
        ClockDrift.WithinMargin => 0.85 + (random.NextDouble() * 0.35),
        ClockDrift.BeyondMargin => 0.5 * Math.Pow(4, random.NextDouble()),
        _ => 1,
    };

    public TimeSpan DrawWallClockOffset(Random random) =>
        WallClocksAreWrong ? TimeSpan.FromMinutes((random.NextDouble() - 0.5) * (random.Next(2) == 0 ? 20 : 20_000)) : TimeSpan.Zero;

    public TimeSpan DrawPause(Random random) => Ttl * (0.3 + (random.NextDouble() * 3));

    /// <summary>How long a request takes in one direction.</summary>
    public TimeSpan DrawDelay(Random random)
    {
        var isSlow = IsOn && IsSlowNetwork;
        return TimeSpan.FromMilliseconds(
            IsOn && !IsCalm && random.Next(20) == 0 ? random.Next(200, isSlow ? 3000 : 1000) : random.Next(2, isSlow ? 300 : 80));
    }
}
