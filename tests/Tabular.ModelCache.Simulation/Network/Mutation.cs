using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Network;

/// <summary>One change of one object that has taken effect.</summary>
/// <param name="Process">Who asked for it; it may be dead by now.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Name">The object.</param>
/// <param name="Place">Where it lies.</param>
/// <param name="Other">For the two halves of a move, and for a copy, the other object.</param>
/// <param name="Before">What was there.</param>
/// <param name="After">What is there now.</param>
internal sealed record Mutation(
    SimulatedProcess Process, MutationKind Kind, string Name, ObjectPlace Place, string? Other, LedgerObject? Before, LedgerObject? After);
