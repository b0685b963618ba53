using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>Files and markers come to their final place whether or not something is there.</summary>
internal sealed class PromoteOverwrites : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store);

    private sealed class Store(IObjectStore inner) : DelegatingStore(inner)
    {
        public override Task<StoredObject> WriteAsync(
            string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
            Inner.WriteAsync(name, content, ObjectPlace.Of(name).Kind == PlaceKind.Version ? null : options, cancellationToken);

        public override Task<StoredObject> MoveAsync(
            string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
            Inner.MoveAsync(
                source,
                destination,
                ObjectPlace.Of(destination).Kind == PlaceKind.Version ? new ObjectTransferOptions { Source = options!.Source } : options,
                cancellationToken);
    }
}
