using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A lease counts as free when the store's date of its last change lies a time to live behind the observer's own wall clock.</summary>
internal sealed class TakeoverByWallClock : PlantedBug
{
    public override IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, process, run.Plan.Ttl);

    private sealed class Store(IObjectStore inner, SimulatedProcess process, TimeSpan ttl) : DelegatingStore(inner)
    {
        public override async Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default)
        {
            var found = await Inner.GetAsync(name, preconditions, cancellationToken).ConfigureAwait(false);
            return found is not null && process.WallClock - found.Updated > ttl
                ? found with { Metadata = new Dictionary<string, string>(found.Metadata) { [LeaseState.StateKey] = "released" } }
                : found;
        }
    }
}
