using System.Globalization;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>An observer waits only half the time to live.</summary>
internal sealed class TakeoverAfterHalfTheTime : PlantedBug
{
    public override IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, run.Plan.Ttl / 2);

    private sealed class Store(IObjectStore inner, TimeSpan wait) : DelegatingStore(inner)
    {
        public override async Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default)
        {
            var found = await Inner.GetAsync(name, preconditions, cancellationToken).ConfigureAwait(false);
            return found is null
                ? null
                : found with
                {
                    Metadata = new Dictionary<string, string>(found.Metadata)
                    {
                        [LeaseState.TtlKey] = ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
                    },
                };
        }
    }
}
