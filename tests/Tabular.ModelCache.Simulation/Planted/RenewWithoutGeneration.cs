using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A renewal names only the metageneration, which begins at 1 for every holder.</summary>
internal sealed class RenewWithoutGeneration : PlantedBug
{
    public override IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store);

    private sealed class Store(IObjectStore inner) : DelegatingStore(inner)
    {
        public override Task<StoredObject> PatchMetadataAsync(
            string name, IReadOnlyDictionary<string, string?> metadata, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
            Inner.PatchMetadataAsync(
                name, metadata, metadata.ContainsKey(LeaseState.RenewIdKey) ? preconditions with { IfGenerationMatch = null } : preconditions, cancellationToken);
    }
}
