using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Simulation.Engine;
using Tabular.ModelCache.Simulation.Network;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary><c>.done</c> is written before the files are promoted.</summary>
internal sealed class DoneBeforePromote : PlantedBug
{
    public override IObjectStore WrapPublishing(IObjectStore store, Simulation run, SimulatedProcess process) => new Store(store);

    private sealed class Store(IObjectStore inner) : DelegatingStore(inner)
    {
        public override async Task<StoredObject> WriteAsync(
            string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default)
        {
            if (ObjectPlace.Of(name) is not { Kind: PlaceKind.Staging, Path: "version.json" })
            {
                return await Inner.WriteAsync(name, content, options, cancellationToken).ConfigureAwait(false);
            }

            var bytes = await ReadAsync(content, cancellationToken).ConfigureAwait(false);
            var written = await Inner.WriteBytesAsync(name, bytes, options!, cancellationToken).ConfigureAwait(false);
            var version = ManifestJson.TryParseRecord(bytes)!.Version;
            await Inner.WriteOnceAsync(
                $"{version.Path}/{VersionFiles.Done}", VersionFolder.DoneContent(version.Checksums), "text/plain", cancellationToken).ConfigureAwait(false);
            return written;
        }
    }
}
