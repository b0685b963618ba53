using Tabular.ModelCache.Simulation.Invariants;

namespace Tabular.ModelCache.Simulation;

/// <summary>What came of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">The first broken invariant.</param>
/// <param name="Events">How many events ran.</param>
/// <param name="Digest">A digest of all of them, by which two runs of the seed are compared.</param>
/// <param name="Coverage">How often what is worth seeing was seen.</param>
internal sealed record SimulationResult(int Seed, Violation? Violation, long Events, ulong Digest, IReadOnlyDictionary<string, int> Coverage);
