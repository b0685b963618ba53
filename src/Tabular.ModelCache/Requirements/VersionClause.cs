namespace Tabular.ModelCache.Requirements;

/// <summary>One clause of a version: <c>==2.4.0+cpu</c>.</summary>
/// <param name="Operator">Its operator.</param>
/// <param name="Version">What stands behind it.</param>
internal sealed record VersionClause(string Operator, string Version)
{
    /// <summary>Gets what build the version is of, by its local label.</summary>
    public BuildKind Build => Version.IndexOf('+') is >= 0 and var plus ? BuildLabel.OfVersion(Version[(plus + 1)..]) : BuildKind.Unknown;

    /// <summary>Gets a value indicating whether it allows one version alone.</summary>
    public bool IsPin => Operator == "===" || (Operator == "==" && !Version.EndsWith(".*", StringComparison.Ordinal));
}
