namespace Tabular.ModelCache.Benchmarks.Recordings;

/// <summary>One of the spans of the library, or of a request that it made; what runs beside it is in its costs too.</summary>
/// <param name="Name">Its name, such as <c>verify model</c>.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Costs">What it cost.</param>
internal sealed record RecordedSpan(string Name, double Seconds, RecordedCosts Costs);
