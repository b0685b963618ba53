namespace Tabular.ModelCache.Leases;

/// <summary>
/// A moment on both clocks of this machine, taken before a request is sent. Monotonic clocks may stand still while a machine is
/// suspended; its own wall clock then runs ahead, also when the suspension falls between a request and its answer.
/// </summary>
internal readonly record struct LeaseMoment(long Timestamp, DateTimeOffset Utc)
{
    // A wall clock that ran this much further than the monotonic one tells that the machine was suspended, or that the clock was set:
    // then the lease is taken for older than it may be, which does no harm.
    private static readonly TimeSpan SuspendMargin = TimeSpan.FromSeconds(2);

    public static LeaseMoment Now(TimeProvider clock) => new(clock.GetTimestamp(), clock.GetUtcNow());

    /// <summary>How long ago this was.</summary>
    public TimeSpan Elapsed(TimeProvider clock)
    {
        var elapsed = clock.GetElapsedTime(Timestamp);
        var elapsedUtc = clock.GetUtcNow() - Utc;
        return elapsedUtc > elapsed + SuspendMargin ? elapsedUtc : elapsed;
    }
}
