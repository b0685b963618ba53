namespace Tabular.ModelCache.Operations;

/// <summary>What a change of the manifest by hand did: the answer of <c>model-cache rollback</c>, <c>activate</c>, <c>pin</c> and <c>unpin</c>.</summary>
public sealed record ChangeReport
{
    /// <summary>Gets the name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Gets what was done.</summary>
    public required ChangeAction Action { get; init; }

    /// <summary>Gets the version that the command was about.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the version that was active before.</summary>
    public required string? PreviouslyActive { get; init; }

    /// <summary>Gets the version that is active now.</summary>
    public required string? Active { get; init; }

    /// <summary>Gets the upstream digest that no automatic run activates.</summary>
    /// <value><see langword="null"/> when nothing is held back.</value>
    public required string? Held { get; init; }

    /// <summary>Gets why, in the operator's words.</summary>
    public required string? Reason { get; init; }

    /// <summary>Gets the pinned versions.</summary>
    public required IReadOnlyList<string> Pins { get; init; }

    /// <summary>Gets the number of the manifest after the change.</summary>
    public required long Sequence { get; init; }
}
