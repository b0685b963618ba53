namespace Tabular.ModelCache.Operations;

/// <summary>What was done to a lease: the answer of <c>model-cache unlock</c>.</summary>
public sealed record UnlockReport
{
    /// <summary>Gets the name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Gets whether a lease was released that somebody held.</summary>
    /// <value><see langword="false"/> when nobody held it; nothing was written then.</value>
    public required bool Released { get; init; }

    /// <summary>Gets the machine and the process that held it.</summary>
    /// <value><see langword="null"/> when nobody did.</value>
    public required string? Holder { get; init; }

    /// <summary>Gets the number of its acquisition.</summary>
    /// <value><see langword="null"/> when nobody held it.</value>
    public required long? Epoch { get; init; }
}
