using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Startup;

/// <summary>Reads the manifest from the store, which is strongly consistent, or from the mount when there is no store to ask.</summary>
internal sealed class ManifestReader(ModelCachePlaces places, IModelMount mount)
{
    public string DisplayName => places.Manifests?.DisplayName ?? MountedManifest.DisplayName(mount);

    /// <exception cref="ModelCacheException">What lies there cannot be used, or the mount failed.</exception>
    /// <exception cref="Stores.ObjectStoreException">The store failed.</exception>
    public async Task<ManifestSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        if (places.Manifests is { } manifests)
        {
            return await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        return await MountedManifest.ReadAsync(mount, places.Trust, acceptsOlder: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the manifest unless the store says that it is still the generation known.</summary>
    /// <returns><see langword="null"/> when nothing has changed.</returns>
    public async Task<ManifestSnapshot?> ReadIfChangedAsync(long knownGeneration, CancellationToken cancellationToken) =>
        places.Manifests is { } manifests &&
        await manifests.GetGenerationAsync(cancellationToken).ConfigureAwait(false) == knownGeneration
            ? null
            : await ReadAsync(cancellationToken).ConfigureAwait(false);
}
