namespace Tabular.ModelCache.Benchmarks;

/// <summary>What to measure.</summary>
/// <param name="Pairs">How many measured pairs of each row.</param>
/// <param name="Scale">The size of the models as a part of the real ones, which have 3.6 GB.</param>
/// <param name="Only">The beginning of the names of the jobs to measure; <see langword="null"/> measures all.</param>
/// <param name="Directory">Where the bucket is kept; <see langword="null"/> is memory.</param>
/// <param name="MaxLoad">Each round waits until the load of the last minute is below it; <see langword="null"/> does not wait.</param>
/// <param name="IsSmoke">Only whether everything runs: nothing is warmed up, and the times mean nothing.</param>
internal sealed record BenchmarkOptions(int Pairs, double Scale, string? Only, string? Directory, double? MaxLoad, bool IsSmoke)
{
    /// <summary>Gets whether the start of programs is measured that were compiled together with the framework; the first time that takes minutes.</summary>
    public bool WithComposite { get; init; }

    public const int DefaultPairs = 5;
    public const double DefaultScale = 1;
    public const double SmokeScale = 0.001;

    /// <summary>Enough for the header of a GGUF file.</summary>
    public const double LeastScale = 0.0001;
}
