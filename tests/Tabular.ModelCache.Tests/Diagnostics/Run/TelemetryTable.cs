using System.Globalization;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>The tables of <c>docs/telemetry.md</c>.</summary>
internal static class TelemetryTable
{
    public const string Page = "docs/telemetry.md";

    private const string CategoryColumn = "category `Tabular.ModelCache.*`";

    public static IReadOnlyList<LoggedEvent> Events { get; } =
    [
        .. MarkdownTable.Read(Page, "Log events").Select(r => new LoggedEvent(
            int.Parse(r["event"], CultureInfo.InvariantCulture),
            r["name"],
            Enum.Parse<LogLevel>(r["level"]),
            $"Tabular.ModelCache.{r[CategoryColumn]}",
            r["message"])),
    ];

    /// <summary>The attributes below a heading, by instrument or span: the values of a closed set, or none of an open one.</summary>
    public static IReadOnlyDictionary<(string Owner, string Attribute), IReadOnlyList<string>> ReadAttributes(string heading, string owner) =>
        MarkdownTable.Read(Page, heading).ToDictionary(
            r => (r[owner], r["attribute"]),
            r => r["values"].StartsWith('`') ? MarkdownTable.Codes(r["values"]) : []);
}
