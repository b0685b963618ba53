namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>A line that a program wrote.</summary>
/// <param name="Text">The line.</param>
/// <param name="At">When it was read, as a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</param>
internal sealed record OutputLine(string Text, long At);
