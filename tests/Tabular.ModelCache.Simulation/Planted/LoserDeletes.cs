using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>Who is refused at the flip removes the version that it had promoted, although another attempt may use the same folder.</summary>
internal sealed class LoserDeletes : PlantedBug
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
                await DeleteFolderAsync(manifest.Models[ModelOf(manifest)].Versions[0].Path, cancellationToken).ConfigureAwait(false);
                throw;
            }
        }
    }
}
