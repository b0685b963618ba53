namespace Tabular.ModelCache.Tests.Leases;

/// <summary>One second of a crowd.</summary>
/// <param name="Reads">How many reads were asked for.</param>
/// <param name="Changes">How many changes were asked for of the object with the most.</param>
internal readonly record struct SimulatedCrowdSecond(int Reads, int Changes);
