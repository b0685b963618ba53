using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Startup;

/// <summary>Reads the manifest from the store, which is strongly consistent, or from the mount when there is no store to ask.</summary>
internal sealed class ManifestReader(ModelCachePlaces places, IModelMount mount)
{
    public string DisplayName => places.Manifests?.DisplayName ?? $"{mount.Root}/{VersionFiles.Manifest}";

    /// <exception cref="ModelCacheException">What lies there cannot be used, or the mount failed.</exception>
    /// <exception cref="Stores.ObjectStoreException">The store failed.</exception>
    public async Task<ManifestSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        if (places.Manifests is { } manifests)
        {
            return await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        var bytes = await mount.ReadAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (places.Trust is { } trust)
        {
            return new ManifestSnapshot(
                await trust.OpenAsync(bytes, DisplayName, (name, token) => mount.ReadAsync(name, ManifestTrust.MostBytes, token), cancellationToken)
                    .ConfigureAwait(false),
                0);
        }

        return bytes is null ? ManifestSnapshot.Empty : new ManifestSnapshot(ManifestJson.Parse(bytes, DisplayName), 0);
    }

    /// <summary>Reads the manifest unless the store says that it is still the generation known.</summary>
    /// <returns><see langword="null"/> when nothing has changed.</returns>
    public async Task<ManifestSnapshot?> ReadIfChangedAsync(long knownGeneration, CancellationToken cancellationToken) =>
        places.Manifests is { } manifests &&
        await manifests.GetGenerationAsync(cancellationToken).ConfigureAwait(false) == knownGeneration
            ? null
            : await ReadAsync(cancellationToken).ConfigureAwait(false);
}
