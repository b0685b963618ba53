namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What a ratio is of.</summary>
internal enum Quantity
{
    /// <summary>The time from the start to the end.</summary>
    Seconds,

    /// <summary>The most memory in RAM.</summary>
    PeakBytes,

    /// <summary>The requests to the bucket.</summary>
    Requests,
}
