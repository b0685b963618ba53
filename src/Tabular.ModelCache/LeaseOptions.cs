namespace Tabular.ModelCache;

/// <summary>The settings of the lease under which one instance of all pulls a model.</summary>
public sealed class LeaseOptions
{
    /// <summary>Gets or sets how long a lease lasts without a renewal, and so how long a crashed holder delays the others.</summary>
    /// <value>
    /// From 4 seconds (a renewal every quarter: Cloud Storage allows one change of an object a second) to 10 minutes. The default is 30
    /// seconds with a bucket, and 10 seconds for a private directory, whose processes share one machine.
    /// </value>
    public TimeSpan? Ttl { get; set; }

    /// <summary>Gets or sets how long a command, and the sync job for each model, waits for a lease that another process holds.</summary>
    /// <value>From 0 to 1 day. The default is 5 minutes. Then the exit code is <see cref="ModelCacheExitCodes.LeaseBusy"/>.</value>
    public TimeSpan CommandWait { get; set; } = TimeSpan.FromMinutes(5);
}
