namespace Tabular.ModelCache.Leases;

/// <summary>The intervals that follow from the time to live of a lease.</summary>
/// <remarks>
/// The holder stops at two thirds of the time to live, counted from before it sent its last successful renewal; an observer takes over
/// after a whole one, counted from after it first saw the version. So the two overlap only when the rates of their clocks differ by
/// more than a third. A quarter between renewals and a sixth per call leave room for two failed calls before the holder gives up.
/// </remarks>
/// <param name="ttl">How long a lease lasts without a renewal.</param>
/// <param name="electionSlot">How long a create takes to be seen by others; zero where a crowd does no harm.</param>
internal sealed class LeaseTimings(TimeSpan ttl, TimeSpan electionSlot)
{
    /// <summary>Cloud Storage allows about one change of an object a second.</summary>
    public static readonly TimeSpan LeastBetweenChanges = TimeSpan.FromSeconds(1);

    /// <summary>A lease whose object says otherwise is not believed: nobody may block the others for longer.</summary>
    public static readonly TimeSpan LongestTtl = TimeSpan.FromMinutes(10);

    public TimeSpan Ttl { get; } = ttl;

    public TimeSpan HoldFor { get; } = ttl * 2 / 3;

    public TimeSpan RenewEvery { get; } = ttl / 4;

    public TimeSpan CallTimeout { get; } = ttl / 6;

    /// <summary>How long a create takes to be seen by others: what one slot of <see cref="Election"/> lasts.</summary>
    public TimeSpan ElectionSlot { get; } = electionSlot;

    /// <summary>
    /// A waiter looks this often, with jitter up to twice it. At 4 s, ten thousand waiters that read manifest and lease make some 3,300
    /// reads a second, below the 5,000 with which a bucket starts.
    /// </summary>
    public TimeSpan PollEvery { get; } = TimeSpan.FromSeconds(Math.Clamp(ttl.TotalSeconds / 7.5, 1, 4));
}
