namespace Tabular.ModelCache.Doctor;

/// <summary>One thing that is wrong with a set-up.</summary>
/// <param name="Id">What it is, in lower case with hyphens; it never changes. All are in docs/doctor.md.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Evidence">What was found, one line.</param>
/// <param name="Fix">The command or the setting that mends it, one line.</param>
internal sealed record Finding(string Id, FindingSeverity Severity, string Evidence, string Fix);
