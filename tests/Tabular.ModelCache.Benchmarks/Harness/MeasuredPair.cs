namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Two runs, one right after the other.</summary>
/// <param name="Load">The load of the minute before, in runnable threads.</param>
/// <param name="Ours">This library.</param>
/// <param name="Against">What it is compared with.</param>
internal sealed record MeasuredPair(double Load, Measurement Ours, Measurement Against)
{
    /// <summary>Gets how many times as long ours takes: below 1 is faster.</summary>
    public double Ratio => Ours.Seconds / Against.Seconds;
}
