namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What a row should show.</summary>
/// <param name="Text">As the table says it, such as <c>at most 1.10</c>.</param>
/// <param name="IsMet">Whether the measured row shows it.</param>
internal sealed record Aim(string Text, Func<RowResult, bool> IsMet)
{
    /// <summary>The median of the ratios is not above a limit.</summary>
    public static Aim AtMost(double ratio) =>
        new(FormattableString.Invariant($"at most {ratio:0.00}"), row => row.Ratio is { } spread && spread.Median <= ratio);

    /// <summary>The median of the ratios is below one.</summary>
    public static Aim Faster => new("below 1.00", row => row.Ratio is { } spread && spread.Median < 1);

    /// <summary>The medians of both are within a tenth of each other.</summary>
    public static Aim Flat => new("0.91 to 1.10", row => row.Ratio is { Median: >= 1 / 1.1 and <= 1.1 });

    /// <summary>Both aims.</summary>
    public Aim And(Aim other) => new($"{Text}; {other.Text}", row => IsMet(row) && other.IsMet(row));
}
