namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>One job of this library, and all that it is compared with. Each opponent makes a row of the table.</summary>
internal interface IBenchmark
{
    /// <summary>The name for <c>--only</c>, in lower case with hyphens.</summary>
    string Name { get; }

    /// <summary>What this library does, as the table says it.</summary>
    string Ours { get; }

    /// <summary>How many bytes of models the job is about.</summary>
    long Bytes { get; }

    /// <summary>The program that is not installed and without which ours cannot be measured; <see langword="null"/> if all are.</summary>
    string? Missing { get; }

    /// <summary>What it is compared with.</summary>
    IReadOnlyList<Opponent> Opponents { get; }

    /// <summary>Runs ours once, checks that it did its work, and cleans up outside of the measured time.</summary>
    /// <exception cref="BenchmarkException">It did not do its work.</exception>
    Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken);
}
