using System.Globalization;
using System.Text;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Reports;

/// <summary>The table for people: medians, and the spread in parentheses.</summary>
internal static class MarkdownTable
{
    private const string Nothing = "-";

    private const string Header = """
        | ours | against | bytes | time, ours / against | our seconds | its seconds | our peak memory | its peak memory | CPU s, ours + servers | CPU s, its + servers |
        |---|---|---|---|---|---|---|---|---|---|

        """;

    public static string Format(IEnumerable<RowResult> rows)
    {
        var text = new StringBuilder(Header.ReplaceLineEndings("\n"));
        foreach (var row in rows)
        {
            string[] cells = row.Missing is { } program
                ? [row.Ours, $"{row.Against}: missing, {program} is not installed", Bytes(row), .. Enumerable.Repeat(Nothing, 7)]
                :
                [
                    row.Ours,
                    row.Against,
                    Bytes(row),
                    $"**{Show(row.Ratio)}**{Reach(row.Ratio)}",
                    Show(row.OurSeconds) + Reach(row.OurSeconds),
                    Show(row.AgainstSeconds) + Reach(row.AgainstSeconds),
                    Megabytes(row.OurPeakBytes),
                    Megabytes(row.AgainstPeakBytes),
                    $"{Show(row.OurCpuSeconds)} + {Show(row.OurServerCpuSeconds)}",
                    $"{Show(row.AgainstCpuSeconds)} + {Show(row.AgainstServerCpuSeconds)}",
                ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return text.ToString();
    }

    private static string Bytes(RowResult row) => row.Bytes.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');

    private static string Show(Spread? spread) => spread is { } s ? Number(s.Median) : Nothing;

    private static string Reach(Spread? spread) => spread is { } s ? $" ({Number(s.Min)}..{Number(s.Max)})" : "";

    private static string Megabytes(Spread? spread) =>
        spread is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s.Median / 1e6:0} MB (..{s.Max / 1e6:0})") : Nothing;

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
