namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>What a job of this library is compared with.</summary>
/// <param name="Name">What tells it from the other opponents of the same job, in lower case with hyphens.</param>
/// <param name="Description">What it does, as the table says it.</param>
/// <param name="MeasureAsync">Runs it once, checks that it did its work, and cleans up outside of the measured time.</param>
internal sealed record Opponent(string Name, string Description, Func<CancellationToken, Task<Measurement>> MeasureAsync)
{
    /// <summary>Gets the program that is not installed; <see langword="null"/> if all are.</summary>
    public string? Missing { get; init; }

    /// <summary>Gets what the ratio is of.</summary>
    public Quantity Quantity { get; init; } = Quantity.Seconds;

    /// <summary>Gets what this library aims at; <see langword="null"/> where the row only informs.</summary>
    public Aim? Aim { get; init; }
}
