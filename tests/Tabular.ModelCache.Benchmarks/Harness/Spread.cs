namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>The median of some values and how far they reach.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <param name="values">One value or more.</param>
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
