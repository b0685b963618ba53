namespace Tabular.ModelCache.Requirements;

/// <summary>A requirement of a line that counts on the target.</summary>
/// <param name="Line">The line.</param>
/// <param name="Requirement">What it requires.</param>
internal sealed record RequirementClaim(RequirementsLine Line, Requirement Requirement)
{
    public string Name => Requirement.Name;

    public SourcePosition At => Line.At();

    /// <summary>Gets what build it fixes by itself, whatever the indexes have.</summary>
    public BuildKind Build
    {
        get
        {
            if (Requirement.Artifact is { } artifact)
            {
                return artifact.IsRepository ? BuildKind.Unknown : artifact.Build;
            }

            return Requirement.Versions.Any(v => v.Operator != "!=" && v.Build == BuildKind.Gpu) ? BuildKind.Gpu
                : Requirement.Versions.Any(v => v is { IsPin: true, Build: BuildKind.Cpu }) ? BuildKind.Cpu
                : BuildKind.Unknown;
        }
    }

    /// <summary>Gets a value indicating whether it is one version, with hashes.</summary>
    public bool IsHashed => Line.Options.Has(PipOptions.Hash) && Requirement.Versions.Any(v => v.IsPin);
}
