namespace Tabular.ModelCache.Requirements;

/// <summary>One rule of the audit.</summary>
/// <param name="Id">Its name; it never changes its meaning.</param>
/// <param name="Severity">How bad it is when it is broken.</param>
/// <param name="Found">When it is broken, for the table in docs/cpu-only-audit.md.</param>
/// <param name="Cure">What to do, one sentence.</param>
internal sealed record AuditRule(string Id, AuditSeverity Severity, string Found, string Cure);
