namespace Tabular.ModelCache.Tests.Diagnostics.Run;

/// <summary>One measurement.</summary>
internal sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);
