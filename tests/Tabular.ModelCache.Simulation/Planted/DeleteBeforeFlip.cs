using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A version is deleted first, and then taken out of the manifest.</summary>
internal sealed class DeleteBeforeFlip : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, process);

    private sealed class Store(IObjectStore inner, SimulatedProcess process) : ManifestWriteStore(inner, process)
    {
        protected override async Task<StoredObject> WriteManifestAsync(Manifest manifest, ObjectWriteOptions options, CancellationToken cancellationToken)
        {
            foreach (var doomed in manifest.Models[ModelOf(manifest)].Doomed)
            {
                await DeleteFolderAsync(doomed.Path, cancellationToken).ConfigureAwait(false);
            }

            return await SendAsync(manifest, options.Preconditions, cancellationToken).ConfigureAwait(false);
        }
    }
}
