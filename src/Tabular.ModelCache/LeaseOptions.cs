namespace Tabular.ModelCache;

/// <summary>The settings of the lease under which one instance of all pulls a model.</summary>
public sealed class LeaseOptions
{
    /// <summary>Gets or sets how long a lease lasts without a renewal, and so how long a crashed holder delays the others.</summary>
    /// <value>
    /// From 12 seconds (a renewal every quarter, at most one change of the lease object a second) to 10 minutes. The default is 30
    /// seconds.
    /// </value>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromSeconds(30);
}
