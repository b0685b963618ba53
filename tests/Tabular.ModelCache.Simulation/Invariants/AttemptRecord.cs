using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>One acquisition of a lease, as the bucket saw it.</summary>
internal sealed class AttemptRecord(SimulatedProcess process, Attempt attempt, long generation, ManifestEntry? entry)
{
    public SimulatedProcess Process { get; } = process;

    public Attempt Attempt { get; } = attempt;

    /// <summary>Gets the generation of the lease object that the acquisition made.</summary>
    public long Generation { get; } = generation;

    /// <summary>Gets the model's entry when the lease was acquired.</summary>
    public ManifestEntry? EntryAtAcquisition { get; } = entry;

    /// <summary>Gets or sets whether another attempt has changed the entry since.</summary>
    public bool OthersHaveFlipped { get; set; }
}
