namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>A run did not do its work, so that its time means nothing.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
