namespace Tabular.ModelCache.Requirements;

/// <summary>What a line requires.</summary>
internal sealed record Requirement
{
    /// <summary>Gets the name by PEP 503; empty when it is not known, as of a folder.</summary>
    public string Name { get; init; } = "";

    /// <summary>Gets the extras by PEP 503.</summary>
    public IReadOnlyList<string> Extras { get; init; } = [];

    public IReadOnlyList<VersionClause> Versions { get; init; } = [];

    /// <summary>Gets the URL or path, when it is a direct reference.</summary>
    public ArtifactReference? Artifact { get; init; }

    /// <summary>Gets the environment marker; empty when there is none.</summary>
    public string Marker { get; init; } = "";
}
