namespace Tabular.ModelCache.Benchmarks;

/// <summary>What to measure.</summary>
/// <param name="Pairs">How many measured pairs of each row.</param>
/// <param name="Bytes">The size of the model's large file.</param>
/// <param name="Only">The beginning of the names of the rows to measure; <see langword="null"/> measures all.</param>
/// <param name="Directory">Where the bucket is kept; <see langword="null"/> is memory.</param>
/// <param name="MaxLoad">Each pair waits until the load of the last minute is below it; <see langword="null"/> does not wait.</param>
internal sealed record BenchmarkOptions(int Pairs, long Bytes, string? Only, string? Directory, double? MaxLoad)
{
    public const int DefaultPairs = 5;
    public const long DefaultBytes = 2_000_000_000;

    /// <summary>Enough for the header of a GGUF file.</summary>
    public const long FewestBytes = 65_536;
}
