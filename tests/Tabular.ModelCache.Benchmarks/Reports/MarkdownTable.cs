using System.Globalization;
using System.Text;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Reports;

/// <summary>The table for people: medians, and the spread in parentheses.</summary>
internal static class MarkdownTable
{
    private const string Nothing = "-";
    private const string Same = "as above";
    private const double Mebibyte = 1 << 20;

    private const string Header = """
        | ours | against | bytes | ours / its | aim | seconds, ours : its | peak memory, ours : its | requests, ours : its | CPU s + servers', ours : its | of our last run |
        |---|---|---|---|---|---|---|---|---|---|

        """;

    public static string Format(IEnumerable<RowResult> rows)
    {
        var text = new StringBuilder(Header.ReplaceLineEndings("\n"));
        var note = (string?)null;
        foreach (var row in rows)
        {
            string[] cells = row.Missing is { } missing
                ? [row.Ours, $"{row.Against}: not measured, {missing} is missing", Bytes(row), .. Enumerable.Repeat(Nothing, 7)]
                :
                [
                    row.Ours,
                    row.Against,
                    Bytes(row),
                    $"{Kind(row.Quantity)}**{Show(row.Ratio)}**{Reach(row.Ratio)}",
                    row.Aim is { } aim ? $"{aim.Text}: {(row.IsAimMet == true ? "met" : "**missed**")}" : Nothing,
                    $"{Show(row.OurSeconds)}{Reach(row.OurSeconds)} : {Show(row.AgainstSeconds)}{Reach(row.AgainstSeconds)}",
                    $"{Megabytes(row.OurPeakBytes)} : {Megabytes(row.AgainstPeakBytes)}",
                    $"{Count(row.OurRequests)} : {Count(row.AgainstRequests)}",
                    $"{Show(row.OurCpuSeconds)} + {Show(row.OurServerCpuSeconds)} : {Show(row.AgainstCpuSeconds)} + {Show(row.AgainstServerCpuSeconds)}",
                    row.Note is null ? Nothing : row.Note == note ? Same : row.Note,
                ];
            note = row.Note;
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString();
    }

    private static string Kind(Quantity quantity) => quantity switch
    {
        Quantity.Seconds => "time ",
        Quantity.PeakBytes => "memory ",
        Quantity.Requests => "requests ",
        _ => throw new ArgumentOutOfRangeException(nameof(quantity), quantity, "Is no quantity."),
    };

    private static string Bytes(RowResult row) => row.Bytes.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');

    private static string Show(Spread? spread) => spread is { } s ? Number(s.Median) : Nothing;

    private static string Reach(Spread? spread) => spread is { } s ? $" ({Number(s.Min)}..{Number(s.Max)})" : "";

    private static string Megabytes(Spread? spread) =>
        spread is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s.Median / Mebibyte:0} MiB (..{s.Max / Mebibyte:0})") : Nothing;

    private static string Count(Spread? spread) => spread is { } s ? s.Median.ToString("0", CultureInfo.InvariantCulture) : Nothing;

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
