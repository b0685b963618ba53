using Tabular.ModelCache.Requirements;

namespace Tabular.ModelCache.Commands;

/// <summary>The answer of <c>model-cache audit-requirements --json</c>.</summary>
/// <param name="Errors">The number of errors.</param>
/// <param name="Warnings">The number of warnings.</param>
/// <param name="Findings">The findings, by file, line and column.</param>
/// <param name="Files">Full paths of all files that the verdict depends on.</param>
internal sealed record AuditReport(int Errors, int Warnings, IReadOnlyList<AuditReport.Entry> Findings, IReadOnlyList<string> Files)
{
    public static AuditReport Of(AuditResult result) => new(result.Errors, result.Warnings, [.. result.Findings.Select(Entry.Of)], result.Files);

    /// <summary>One finding.</summary>
    /// <param name="Rule">The id of the rule; it never changes. All are in docs/cpu-only-audit.md.</param>
    /// <param name="Severity"><c>error</c> or <c>warning</c>.</param>
    /// <param name="File">The full path.</param>
    /// <param name="Line">From 1; 0 for the file as a whole.</param>
    /// <param name="Column">From 1; 0 for the file as a whole.</param>
    /// <param name="Evidence">What was found.</param>
    /// <param name="Cure">What to do.</param>
    internal sealed record Entry(string Rule, string Severity, string File, int Line, int Column, string Evidence, string Cure)
    {
        public static Entry Of(AuditFinding finding) => new(
            finding.Rule.Id,
            finding.IsError ? "error" : "warning",
            finding.At.File,
            finding.At.Line,
            finding.At.Column,
            finding.Evidence,
            finding.Rule.Cure);
    }
}
