using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>A flip of unknown outcome is recognised by the write id of the whole manifest, which the next flip of any model replaces.</summary>
internal sealed class OneWriteIdForAll : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store, process);

    private sealed class Store(IObjectStore inner, SimulatedProcess process) : ManifestWriteStore(inner, process)
    {
        private string? _doubtful;
        private string _model = "";

        public override async Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
        {
            var content = await Inner.OpenReadAsync(name, options, cancellationToken).ConfigureAwait(false);
            if (name != VersionFiles.Manifest || content is null || _doubtful is not { } mine)
            {
                return content;
            }

            _doubtful = null;
            var bytes = await ReadAsync(content.Stream, cancellationToken).ConfigureAwait(false);
            return ManifestJson.Parse(bytes, name).WriteId == mine
                ? new ObjectContent(content.Metadata, new MemoryStream(bytes))
                : throw new ModelCacheException($"Another process has flipped the manifest; the attempt at the model '{_model}' has lost.");
        }

        protected override async Task<StoredObject> WriteManifestAsync(Manifest manifest, ObjectWriteOptions options, CancellationToken cancellationToken)
        {
            try
            {
                return await SendAsync(manifest, options.Preconditions, cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectStoreException)
            {
                (_doubtful, _model) = (manifest.WriteId, ModelOf(manifest));
                throw;
            }
        }
    }
}
