using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A release has no precondition, and so may give back what belongs to the next holder.</summary>
internal sealed class ReleaseOfAnothersLease : PlantedBug
{
    public override IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store);

    private sealed class Store(IObjectStore inner) : DelegatingStore(inner)
    {
        public override Task<StoredObject> PatchMetadataAsync(
            string name, IReadOnlyDictionary<string, string?> metadata, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
            Inner.PatchMetadataAsync(name, metadata, metadata.ContainsKey(LeaseState.StateKey) ? default : preconditions, cancellationToken);
    }
}
