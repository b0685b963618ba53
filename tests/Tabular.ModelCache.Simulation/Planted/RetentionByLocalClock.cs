using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>The grace period is measured by each machine's own wall clock instead of the store's.</summary>
internal sealed class RetentionByLocalClock : PlantedBug
{
    public override IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, process);

    private sealed class Store(IObjectStore inner, SimulatedProcess process) : DelegatingStore(inner)
    {
        public override async Task<StoredObject> WriteAsync(
            string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
            await Inner.WriteAsync(name, content, options, cancellationToken).ConfigureAwait(false) with { Updated = process.WallClock };

        public override async Task<StoredObject> PatchMetadataAsync(
            string name, IReadOnlyDictionary<string, string?> metadata, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
            await Inner.PatchMetadataAsync(name, metadata, preconditions, cancellationToken).ConfigureAwait(false) with { Updated = process.WallClock };
    }
}
