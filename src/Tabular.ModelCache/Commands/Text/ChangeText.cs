using Tabular.ModelCache.Operations;
using static Tabular.ModelCache.Commands.Text.TextFormat;

namespace Tabular.ModelCache.Commands.Text;

/// <summary>What a change by hand did.</summary>
internal static class ChangeText
{
    public static void Write(TextWriter output, ChangeReport report)
    {
        output.WriteLine(report.Action switch
        {
            ChangeAction.RolledBack or ChangeAction.Activated when report.Active != report.PreviouslyActive =>
                $"{report.Model}: active is {report.Active}, it was {report.PreviouslyActive ?? "none"}",
            ChangeAction.Activated => $"{report.Model}: active stays {report.Active}, and nothing is held back any more",
            ChangeAction.Pinned => $"{report.Model}: pinned {report.Version}",
            ChangeAction.Unpinned => $"{report.Model}: unpinned {report.Version}",
            _ => $"{report.Model}: unchanged, active is {report.Active ?? "none"}",
        });
        if (report.Held is { } held)
        {
            output.WriteLine($"  held back: {Printable(held)}{(report.Reason is { } reason ? ", because: " + Printable(reason) : "")}");
        }

        if (report.Pins.Count > 0)
        {
            output.WriteLine($"  pinned: {string.Join(", ", report.Pins)}");
        }

        output.WriteLine(Invariant($"  manifest sequence {report.Sequence}"));
    }

    public static void Write(TextWriter output, UnlockReport report) => output.WriteLine(
        report.Released
            ? Invariant($"{report.Model}: released the lease of {Printable(report.Holder)}, epoch {report.Epoch}")
            : $"{report.Model}: nobody holds the lease; nothing was changed");

    /// <summary>Lines that a shell can evaluate, and nothing else.</summary>
    public static void Write(TextWriter output, EnvironmentReport report)
    {
        foreach (var (name, value) in report.Merge())
        {
            output.WriteLine($"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        }
    }
}
