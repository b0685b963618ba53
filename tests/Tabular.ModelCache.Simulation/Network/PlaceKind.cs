namespace Tabular.ModelCache.Simulation.Network;

/// <summary>The parts of the bucket's layout.</summary>
internal enum PlaceKind
{
    Unknown,
    Manifest,
    Lease,
    Staging,
    Version,
}
