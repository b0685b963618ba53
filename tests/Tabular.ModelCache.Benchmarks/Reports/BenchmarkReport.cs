using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Reports;

/// <summary>One run of this program.</summary>
internal sealed record BenchmarkReport(Machine Machine, BenchmarkOptions Options, IReadOnlyList<RowResult> Rows);
