using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Manifests;

/// <summary>Reads and replaces <c>manifest.json</c> in a store, by compare-and-swap on its generation.</summary>
internal sealed class ManifestStore(IObjectStore store)
{
    public string DisplayName => $"{store.DisplayName.TrimEnd('/')}/{VersionFiles.Manifest}";

    /// <exception cref="ModelCacheException">What lies there is not a manifest.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<ManifestSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false);
        return read is null ? ManifestSnapshot.Empty : new(ManifestJson.Parse(read.Bytes, DisplayName), read.Metadata.Generation);
    }

    /// <summary>The generation that is live; 0 when there is no manifest. One cheap request.</summary>
    public async Task<long> GetGenerationAsync(CancellationToken cancellationToken) =>
        (await store.GetAsync(VersionFiles.Manifest, cancellationToken: cancellationToken).ConfigureAwait(false))?.Generation ?? 0;

    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.PreconditionFailed"/> when another generation than <paramref name="generation"/> is live.
    /// </exception>
    public Task<StoredObject> ReplaceAsync(Manifest manifest, long generation, CancellationToken cancellationToken)
    {
        var bytes = ManifestJson.Serialize(manifest);
        if (bytes.Length > ManifestJson.MaxBytes)
        {
            throw new ModelCacheException(
                $"{DisplayName} would have {bytes.Length} bytes; allowed are {ManifestJson.MaxBytes}: keep fewer versions (ModelCache:Retention:Keep).");
        }

        return store.WriteBytesAsync(
            VersionFiles.Manifest,
            bytes,
            new ObjectWriteOptions
            {
                Preconditions = new() { IfGenerationMatch = generation },
                ContentType = "application/json",

                // A publicly readable object would otherwise be served stale by caches for an hour.
                CacheControl = "no-store",
                Length = bytes.Length,
            },
            cancellationToken);
    }
}
