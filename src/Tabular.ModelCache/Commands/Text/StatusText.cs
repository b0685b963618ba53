using Tabular.ModelCache.Operations;
using static Tabular.ModelCache.Commands.Text.TextFormat;

namespace Tabular.ModelCache.Commands.Text;

/// <summary>The table of <c>model-cache status</c>.</summary>
internal static class StatusText
{
    private static readonly string[] Titles = ["version", "state", "size", "files", "age", "published", "signature", "source"];

    public static void Write(TextWriter output, StatusReport report)
    {
        output.WriteLine(Invariant(
            $"{report.Store}, manifest sequence {report.Sequence}, {report.HasSignature switch { true => "signature present", false => "unsigned", null => "signature unknown" }}"));
        foreach (var model in report.Models)
        {
            output.WriteLine();
            output.WriteLine(Invariant($"{model.Name} ({model.Kind}){(model.Configured ? "" : ", not configured here")}"));
            Write(output, model);
        }
    }

    private static void Write(TextWriter output, ModelReport model)
    {
        output.WriteLine(model.Lease is { } lease
            ? Invariant($"  lease: {lease.State.ToString().ToLowerInvariant()}, epoch {lease.Epoch}, {Printable(lease.Holder)}, changed {lease.Updated:yyyy-MM-dd HH:mm:ss}Z")
            : "  lease: none");
        if (model.Leftovers > 0)
        {
            output.WriteLine(Invariant($"  leftovers in .tmp: {model.Leftovers} objects, {Size(model.LeftoverBytes)}"));
        }

        if (model.Held is { } held)
        {
            output.WriteLine($"  held back: {Printable(held)}{(model.HeldReason is { } reason ? ", because: " + Printable(reason) : "")}");
        }

        if (model.Versions.Count == 0)
        {
            output.WriteLine("  no version");
        }
        else
        {
            WriteTable(output, [Titles, .. model.Versions.Select(Row)]);
        }

        foreach (var doomed in model.Doomed)
        {
            output.WriteLine($"  {doomed}  being deleted");
        }
    }

    private static string[] Row(VersionReport version) =>
    [
        version.Version,
        StateOf(version),
        Size(version.Bytes),
        Invariant($"{version.Files}"),
        Age(version.AgeSeconds),
        Invariant($"{version.CreatedAt:yyyy-MM-dd HH:mm}"),
        version.HasSignature ? "present" : "unsigned",
        Printable(version.Source),
    ];

    private static string StateOf(VersionReport version)
    {
        var marks = new List<string>();
        if (version.Active)
        {
            marks.Add("active");
        }

        if (version.Pinned)
        {
            marks.Add("pinned");
        }

        if (version.Held)
        {
            marks.Add("held");
        }

        if (version.Superseded)
        {
            marks.Add("superseded");
        }

        return marks.Count > 0 ? string.Join(' ', marks) : version.RetiredAt is null ? "kept" : "retired";
    }

    private static void WriteTable(TextWriter output, IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, Titles.Length).Select(i => rows.Max(r => r[i].Length)).ToList();
        foreach (var row in rows)
        {
            output.WriteLine(("  " + string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i])))).TrimEnd());
        }
    }
}
