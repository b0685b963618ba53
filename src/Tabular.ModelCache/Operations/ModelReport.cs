namespace Tabular.ModelCache.Operations;

/// <summary>One model of a <see cref="StatusReport"/>.</summary>
public sealed record ModelReport
{
    /// <summary>Gets the name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its kind: one of <see cref="ModelKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets whether this configuration has the model.</summary>
    public required bool Configured { get; init; }

    /// <summary>Gets the active version.</summary>
    /// <value><see langword="null"/> when there is none.</value>
    public required string? Active { get; init; }

    /// <summary>Gets the upstream digest that an operator rolled back from, which no automatic run activates.</summary>
    /// <value><see langword="null"/> when nothing is held back.</value>
    public required string? Held { get; init; }

    /// <summary>Gets why it is held back, in the operator's words.</summary>
    public required string? HeldReason { get; init; }

    /// <summary>Gets the kept versions, newest first.</summary>
    public required IReadOnlyList<VersionReport> Versions { get; init; }

    /// <summary>Gets the versions whose deletion has begun; their folders may be empty by now.</summary>
    public required IReadOnlyList<string> Doomed { get; init; }

    /// <summary>Gets the lease.</summary>
    /// <value><see langword="null"/> when there never was one, or no store to ask.</value>
    public required LeaseReport? Lease { get; init; }

    /// <summary>Gets how many objects lie in the staging folder of the model, those of a run that is at work included.</summary>
    public required int Leftovers { get; init; }

    /// <summary>Gets the size of those objects.</summary>
    /// <value>In bytes.</value>
    public required long LeftoverBytes { get; init; }
}
