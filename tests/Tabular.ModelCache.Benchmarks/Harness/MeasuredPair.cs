namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Two runs of the same round.</summary>
/// <param name="Load">The load of the minute before, in runnable threads.</param>
/// <param name="Ours">This library.</param>
/// <param name="Against">What it is compared with.</param>
internal sealed record MeasuredPair(double Load, Measurement Ours, Measurement Against);
