using System.Globalization;

namespace Tabular.ModelCache.Simulation;

/// <summary>What came of many seeds.</summary>
internal sealed record SweepResult(int Seeds, long Events, TimeSpan Elapsed, SimulationResult? Failure, IReadOnlyDictionary<string, int> Coverage)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Seeds} seeds, {Events} events, {Elapsed.TotalSeconds:0.0} s, {Seeds / Math.Max(0.001, Elapsed.TotalSeconds):0.0} seeds/s: " +
        $"{(Failure is null ? "no violation" : $"seed {Failure.Seed} violates {Failure.Violation}")}");
}
