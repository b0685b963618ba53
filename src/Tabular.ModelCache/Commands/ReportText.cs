using System.Globalization;
using Tabular.ModelCache.Doctor;

namespace Tabular.ModelCache.Commands;

/// <summary>Reports as people read them on a terminal.</summary>
internal static class ReportText
{
    public static void Write(TextWriter output, StatusReport report)
    {
        output.WriteLine(Invariant($"{report.Store}, manifest sequence {report.Sequence}"));
        foreach (var model in report.Models)
        {
            var lease = model.Lease is null ? "none" : Invariant($"{model.Lease.State}, epoch {model.Lease.Epoch}, {model.Lease.Holder}");
            output.WriteLine();
            output.WriteLine(Invariant(
                $"{model.Name} ({model.Kind}){(model.Configured ? "" : ", not configured here")}: lease {lease}; {model.Leftovers} leftovers in .tmp"));
            if (model.Held is { } held)
            {
                output.WriteLine($"  held: {held}");
            }

            if (model.Versions.Count == 0)
            {
                output.WriteLine("  no version");
            }

            foreach (var version in model.Versions)
            {
                var marks = (version.Active ? "active" : "") + (version.Pinned ? " pinned" : "");
                output.WriteLine(Invariant(
                    $"  {version.Version}  {marks.Trim(),-13}  {Size(version.Bytes),10}  {version.Files,6} files  {version.CreatedAt:yyyy-MM-dd HH:mm}  {version.Source}"));
            }

            foreach (var doomed in model.Doomed)
            {
                output.WriteLine($"  {doomed}  being deleted");
            }
        }
    }

    public static void Write(TextWriter output, SyncReport report)
    {
        foreach (var model in report.Models)
        {
            output.WriteLine(model.Error is { } error
                ? $"{model.Name}: {model.Action}: {error}"
                : Invariant(
                    $"{model.Name}: {model.Action} {model.Version}, {Size(model.BytesPulled)} pulled, {Size(model.BytesCopied)} copied on the server, {model.Seconds:0.0} s"));
        }

        output.WriteLine(Invariant(
            $"total: {report.Models.Count} models, {Size(report.Models.Sum(m => m.BytesPulled))} pulled, {Size(report.Models.Sum(m => m.BytesCopied))} copied on the server, {report.Seconds:0.0} s"));
    }

    public static void Write(TextWriter output, VerifyReport report)
    {
        foreach (var model in report.Models)
        {
            output.WriteLine(Invariant(
                $"{model.Name}: {(model.Problem is null ? "verified" : "FAILED")} {model.Version ?? "no version"} at the level {model.Level}, {model.Seconds:0.0} s{(model.Problem is null ? "" : ": " + model.Problem)}"));
        }
    }

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

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => Invariant($"{bytes} B"),
        < 1 << 20 => Invariant($"{bytes / 1024.0:0.0} KiB"),
        < 1 << 30 => Invariant($"{bytes / 1048576.0:0.0} MiB"),
        _ => Invariant($"{bytes / 1073741824.0:0.00} GiB"),
    };
}
