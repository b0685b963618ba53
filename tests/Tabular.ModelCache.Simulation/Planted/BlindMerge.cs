using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A refused flip puts its entry into whatever manifest is there now, without a look at that entry.</summary>
internal sealed class BlindMerge : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, process);

    private sealed class Store(IObjectStore inner, SimulatedProcess process) : ManifestWriteStore(inner, process)
    {
        protected override async Task<StoredObject> WriteManifestAsync(Manifest manifest, ObjectWriteOptions options, CancellationToken cancellationToken)
        {
            try
            {
                return await SendAsync(manifest, options.Preconditions, cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
            {
                var model = ModelOf(manifest);
                var current = await new ManifestStore(Inner).ReadAsync(cancellationToken).ConfigureAwait(false);
                return await SendAsync(
                    current.Manifest.With(model, manifest.Models[model], manifest.WriteId + "+"),
                    new() { IfGenerationMatch = current.Generation },
                    cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
