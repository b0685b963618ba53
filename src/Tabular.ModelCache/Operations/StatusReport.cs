namespace Tabular.ModelCache.Operations;

/// <summary>What the store has: the answer of <c>model-cache status</c>.</summary>
public sealed record StatusReport
{
    /// <summary>Gets the name of the store, or the folder of the mount where there is no store to ask.</summary>
    public required string Store { get; init; }

    /// <summary>Gets the number of the manifest, which rises by one at each change of it.</summary>
    /// <value>0 when there is no manifest.</value>
    public required long Sequence { get; init; }

    /// <summary>Gets whether there is a signature for exactly this manifest. It is looked for and not checked.</summary>
    /// <value><see langword="null"/> when there is no manifest, or no store to look in.</value>
    public required bool? HasSignature { get; init; }

    /// <summary>Gets the models of the manifest and of the configuration, by name.</summary>
    public required IReadOnlyList<ModelReport> Models { get; init; }
}
