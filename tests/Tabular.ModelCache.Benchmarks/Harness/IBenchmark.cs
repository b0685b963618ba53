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

    /// <summary>Other ways in which this library does the job; each is compared with the same runs of the opponents.</summary>
    IReadOnlyList<Variant> Variants => [];

    /// <summary>Whether a round goes before those that count; a job whose preparation has run the same code does without.</summary>
    bool NeedsWarmUp => true;

    /// <summary>How many times as many rounds are measured as were asked for: of half a second, single runs tell little.</summary>
    int RoundsFactor => 1;

    /// <summary>Does once what takes long and is no part of the measurement; only then is it known what is missing.</summary>
    Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs ours once, checks that it did its work, and cleans up outside of the measured time.</summary>
    /// <exception cref="BenchmarkException">It did not do its work.</exception>
    Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken);
}
