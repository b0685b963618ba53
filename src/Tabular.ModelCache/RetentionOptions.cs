namespace Tabular.ModelCache;

/// <summary>Which versions are kept. The active one, pinned ones and those within the grace period are never pruned.</summary>
public sealed class RetentionOptions
{
    /// <summary>Gets or sets how many of the newest versions of each model are kept.</summary>
    /// <value>From 1 to 1000. The default is 3.</value>
    public int Keep { get; set; } = 3;

    /// <summary>Gets or sets how long a version is kept after it was active last, by the store's clock.</summary>
    /// <value>From 0 to 3650 days. The default is 7 days.</value>
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromDays(7);
}
