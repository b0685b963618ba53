using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A lease that has run out is overwritten, whatever it has become meanwhile.</summary>
internal sealed class TakeoverWithoutPrecondition : PlantedBug
{
    public override IObjectStore WrapLease(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store);

    private sealed class Store(IObjectStore inner) : DelegatingStore(inner)
    {
        public override Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
            Inner.WriteAsync(name, content, options?.Preconditions.IfGenerationMatch == 0 ? options : With(options, default), cancellationToken);
    }
}
