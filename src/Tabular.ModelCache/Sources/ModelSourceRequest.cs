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
}
