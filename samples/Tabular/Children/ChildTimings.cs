namespace Tabular.Children;

/// <summary>How long things of a child may take. Fixed: together they keep the eight seconds from SIGTERM to the end of the app.</summary>
internal sealed record ChildTimings
{
    /// <summary>The longest wait before the first restart; it doubles with each failure in a row.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest wait before any restart. Their number has no bound: while the app runs, a child that comes back is worth more than one
    /// that was given up, and health tells of it all the while.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A child that ran for this long starts over with <see cref="FirstDelay"/>.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Until the first answer of the probe; 2.3 GB of weights over a cold mount take their time.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(3);

    public TimeSpan StartProbeInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Probes in a row without an answer after which a running child is started again.</summary>
    public int ProbeFailures { get; init; } = 3;

    /// <summary>How long after SIGTERM to the app requests may still use the children.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From SIGTERM to a child until its process tree is killed.</summary>
    public TimeSpan TerminateGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>From the kill until it is no longer waited for: a process that reads from a dead mount cannot even be killed.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(1);
}
