namespace Tabular.ModelCache.Sources;

/// <summary>What to resolve.</summary>
/// <param name="Model">The configured name of the model.</param>
/// <param name="Kind">The layout that readers expect: one of <see cref="ModelKinds"/>.</param>
/// <param name="Uri">The configured source.</param>
public sealed record ModelSourceRequest(string Model, string Kind, string Uri)
{
    /// <summary>Gets the digest or commit that the source must resolve to.</summary>
    /// <value>The default is <see langword="null"/>: whatever is current.</value>
    public string? Digest { get; init; }

    /// <summary>Gets the patterns of the files that are wanted, for sources that hold more than a model needs.</summary>
    /// <value>Empty (the default) leaves the choice to the source.</value>
    public IReadOnlyList<string> AllowPatterns { get; init; } = [];

    /// <summary>Gets the patterns of the files that are not wanted; they win.</summary>
    /// <value>Empty by default.</value>
    public IReadOnlyList<string> IgnorePatterns { get; init; } = [];
}
