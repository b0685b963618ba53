using Tabular.ModelCache.Doctor;
using static Tabular.ModelCache.Commands.Text.TextFormat;

namespace Tabular.ModelCache.Commands.Text;

/// <summary>What the doctor found.</summary>
internal static class DoctorText
{
    public static void Write(TextWriter output, DoctorReport report)
    {
        foreach (var finding in report.Findings)
        {
            output.WriteLine($"{(finding.Severity == FindingSeverity.Error ? "error" : "warning"),-8} {finding.Id}");
            output.WriteLine($"  found: {finding.Evidence}");
            output.WriteLine($"  fix:   {finding.Fix}");
        }

        foreach (var note in report.Notes)
        {
            output.WriteLine($"note     {note.Check}: {note.Text}");
        }

        output.WriteLine(Invariant(
            $"{report.Errors} errors, {report.Findings.Count - report.Errors} warnings, {report.Seconds:0.0} s"));
    }
}
