namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The settings of a bucket that decide what the cache costs and whether it can work.</summary>
internal sealed class BucketResource
{
    public string? Name { get; init; }

    public string? Location { get; init; }

    public string? LocationType { get; init; }

    public Placement? CustomPlacementConfig { get; init; }

    public string? StorageClass { get; init; }

    public Switch? Versioning { get; init; }

    public Period? SoftDeletePolicy { get; init; }

    public Period? RetentionPolicy { get; init; }

    /// <summary>Whether every new object is held until somebody releases it; it can be neither replaced nor deleted until then.</summary>
    public bool DefaultEventBasedHold { get; init; }

    public Switch? HierarchicalNamespace { get; init; }

    public BillingSettings? Billing { get; init; }

    public IamSettings? IamConfiguration { get; init; }

    internal sealed class Switch
    {
        public bool Enabled { get; init; }
    }

    /// <summary>A soft-delete policy has the one member, a retention policy the other; both are in seconds.</summary>
    internal sealed class Period
    {
        public long RetentionDurationSeconds { get; init; }

        public long RetentionPeriod { get; init; }
    }

    /// <summary>The two regions of a bucket that lies in a pair of the owner's own choice.</summary>
    internal sealed class Placement
    {
        public IReadOnlyList<string>? DataLocations { get; init; }
    }

    internal sealed class BillingSettings
    {
        public bool RequesterPays { get; init; }
    }

    internal sealed class IamSettings
    {
        public Switch? UniformBucketLevelAccess { get; init; }
    }
}
