namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>Another way in which this library does a job.</summary>
/// <param name="Name">What tells it from the job itself, in lower case with hyphens.</param>
/// <param name="Ours">What this library does, as the table says it.</param>
/// <param name="MeasureAsync">Runs it once and checks that it did its work.</param>
internal sealed record Variant(string Name, string Ours, Func<CancellationToken, Task<Measurement>> MeasureAsync);
