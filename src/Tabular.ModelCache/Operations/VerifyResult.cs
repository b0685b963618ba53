namespace Tabular.ModelCache.Operations;

/// <summary>One model of a <see cref="VerifyReport"/>.</summary>
public sealed record VerifyResult
{
    /// <summary>Gets the name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version that this configuration serves.</summary>
    /// <value><see langword="null"/> when there is none.</value>
    public required string? Version { get; init; }

    /// <summary>Gets the level that was verified: the name of a <see cref="VerificationLevel"/>.</summary>
    public required string Level { get; init; }

    /// <summary>Gets what is missing or wrong, in one line.</summary>
    /// <value><see langword="null"/> when the version is verified.</value>
    public required string? Problem { get; init; }

    /// <summary>Gets how long it took.</summary>
    public required double Seconds { get; init; }
}
