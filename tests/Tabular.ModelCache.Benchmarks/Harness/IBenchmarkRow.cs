namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>One comparison: this library and something named, doing the same work once per call.</summary>
internal interface IBenchmarkRow
{
    /// <summary>The name for <c>--only</c>, in lower case with hyphens.</summary>
    string Name { get; }

    /// <summary>What this library does, as the table says it.</summary>
    string Ours { get; }

    /// <summary>What it is compared with, as the table says it.</summary>
    string Against { get; }

    /// <summary>How many bytes both handle.</summary>
    long Bytes { get; }

    /// <summary>The program that is not installed and without which the row cannot be measured; <see langword="null"/> if all are.</summary>
    string? Missing { get; }

    /// <summary>Runs ours once, checks that it did its work, and cleans up outside of the measured time.</summary>
    Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken);

    /// <summary>Runs the other once, checks that it did its work, and cleans up outside of the measured time.</summary>
    Task<Measurement> MeasureAgainstAsync(CancellationToken cancellationToken);
}
