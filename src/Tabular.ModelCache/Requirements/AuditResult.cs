namespace Tabular.ModelCache.Requirements;

/// <summary>What an audit found.</summary>
/// <param name="Findings">The findings, by file, line and column.</param>
/// <param name="Files">Full paths of all files that the verdict depends on: those read, and those that were not there.</param>
internal sealed record AuditResult(IReadOnlyList<AuditFinding> Findings, IReadOnlyList<string> Files)
{
    public int Errors => Findings.Count(f => f.IsError);

    public int Warnings => Findings.Count - Errors;
}
