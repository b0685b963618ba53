namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What was measured of one row.</summary>
/// <param name="Name">The name for <c>--only</c>.</param>
/// <param name="Ours">What this library does.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="Bytes">How many bytes both handle.</param>
/// <param name="Missing">The program that is not installed; then there are no pairs.</param>
/// <param name="Pairs">The measured pairs, in their order.</param>
internal sealed record RowResult(string Name, string Ours, string Against, long Bytes, string? Missing, IReadOnlyList<MeasuredPair> Pairs)
{
    /// <summary>Gets the spread of the pairs' ratios: each compares two runs that the machine's other load met alike.</summary>
    public Spread? Ratio => Of(pair => pair.Ratio);

    public Spread? OurSeconds => Of(pair => pair.Ours.Seconds);

    public Spread? AgainstSeconds => Of(pair => pair.Against.Seconds);

    public Spread? OurPeakBytes => Of(pair => pair.Ours.PeakBytes);

    public Spread? AgainstPeakBytes => Of(pair => pair.Against.PeakBytes);

    public Spread? OurCpuSeconds => Of(pair => pair.Ours.CpuSeconds);

    public Spread? AgainstCpuSeconds => Of(pair => pair.Against.CpuSeconds);

    public Spread? OurServerCpuSeconds => Of(pair => pair.Ours.ServerCpuSeconds);

    public Spread? AgainstServerCpuSeconds => Of(pair => pair.Against.ServerCpuSeconds);

    private Spread? Of(Func<MeasuredPair, double?> value)
    {
        var values = Pairs.Select(value).OfType<double>().ToArray();
        return values.Length == 0 ? null : Spread.Of(values);
    }
}
