namespace Tabular.ModelCache.Requirements;

/// <summary>An index, or a page of links.</summary>
/// <param name="At">Where it is named.</param>
/// <param name="Url">Its address.</param>
internal sealed record PackageIndex(SourcePosition At, ArtifactReference Url);
