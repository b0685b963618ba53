using Tabular.ModelCache.Operations;
using static Tabular.ModelCache.Commands.Text.TextFormat;

namespace Tabular.ModelCache.Commands.Text;

/// <summary>What <c>sync</c>, <c>verify</c> and <c>prune</c> did, a line per model and a total.</summary>
internal static class WorkText
{
    public static void Write(TextWriter output, SyncReport report)
    {
        foreach (var model in report.Models)
        {
            var action = model.Action.ToString().ToLowerInvariant();
            output.WriteLine(model.Error is { } error
                ? $"{model.Name}: {action}: {error}"
                : Invariant(
                    $"{model.Name}: {action} {model.Version}, {Size(model.BytesPulled)} pulled, {Size(model.BytesCopied)} copied on the server, {model.Seconds:0.0} s"));
        }

        output.WriteLine(Invariant(
            $"total: {report.Models.Count} models, {Size(report.BytesPulled)} pulled, {Size(report.BytesCopied)} copied on the server, {report.Seconds:0.0} s"));
    }

    public static void Write(TextWriter output, VerifyReport report)
    {
        foreach (var model in report.Models)
        {
            output.WriteLine(Invariant(
                $"{model.Name}: {(model.Problem is null ? "verified" : "FAILED")} {model.Version ?? "no version"} at the level {model.Level}, {model.Seconds:0.0} s{(model.Problem is null ? "" : ": " + model.Problem)}"));
        }
    }

    public static void Write(TextWriter output, PruneReport report)
    {
        var verb = report.IsDryRun ? "would remove" : "removed";
        foreach (var model in report.Models)
        {
            if (model.Error is { } error)
            {
                output.WriteLine($"{model.Name}: failed: {error}");
                continue;
            }

            foreach (var version in model.Versions)
            {
                output.WriteLine(Invariant($"{model.Name}: {verb} {version.Version}, {Size(version.Bytes)}, {CauseOf(version.Cause)}"));
            }

            if (model.Leftovers > 0)
            {
                output.WriteLine(Invariant($"{model.Name}: {verb} {model.Leftovers} leftovers in .tmp, {Size(model.LeftoverBytes)}"));
            }
            else if (model.Versions.Count == 0)
            {
                output.WriteLine($"{model.Name}: nothing to remove");
            }
        }

        foreach (var line in report.Billing)
        {
            output.WriteLine($"billing: {line}");
        }

        output.WriteLine(Invariant(
            $"total: {report.Models.Sum(m => m.Versions.Count)} versions, {Size(report.Models.Sum(m => m.LeftoverBytes + m.Versions.Sum(v => v.Bytes)))}, {report.Seconds:0.0} s"));
    }

    private static string CauseOf(PruneCause cause) => cause switch
    {
        PruneCause.Retention => "beyond retention",
        PruneCause.Abandoned => "made by a run that died, and never active",
        _ => "a deletion that was begun",
    };
}
