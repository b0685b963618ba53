namespace Tabular.ModelCache.Operations;

/// <summary>One version of a <see cref="PruneResult"/>.</summary>
public sealed record PrunedVersion
{
    /// <summary>Gets the name of the version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets why it is not needed.</summary>
    public required PruneCause Cause { get; init; }

    /// <summary>Gets the size of its files, or, of a deletion that is finished, of the objects that are left.</summary>
    /// <value>In bytes.</value>
    public required long Bytes { get; init; }
}
