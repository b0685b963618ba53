namespace Tabular.ModelCache.Simulation.Network;

/// <summary>The ways in which an object changes.</summary>
internal enum MutationKind
{
    Write,
    Patch,
    MoveIn,
    MoveOut,
    CopyIn,
    ComposeIn,
    Delete,
}
