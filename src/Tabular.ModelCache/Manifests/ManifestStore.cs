using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Manifests;

/// <summary>Reads and replaces <c>manifest.json</c> in a store, by compare-and-swap on its generation.</summary>
internal sealed class ManifestStore(IObjectStore store, ManifestTrust? trust = null)
{
    private const int MostReads = 3;

    public string DisplayName => $"{store.DisplayName.TrimEnd('/')}/{VersionFiles.Manifest}";

    /// <exception cref="ModelCacheException">What lies there is not a manifest.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<ManifestSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var read = await store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false);
            if (trust is null)
            {
                return read is null ? ManifestSnapshot.Empty : new(ManifestJson.Parse(read.Bytes, DisplayName), read.Metadata.Generation);
            }

            try
            {
                var manifest = await trust.OpenAsync(read?.Bytes, DisplayName, ReadSignatureAsync, cancellationToken).ConfigureAwait(false);
                return new(manifest, read?.Metadata.Generation ?? 0);
            }
            catch (ModelCacheException) when (attempt < MostReads && read is not null)
            {
                // A reader that was slow may ask for the signature of a manifest that was replaced long ago.
                if (await GetGenerationAsync(cancellationToken).ConfigureAwait(false) == read.Metadata.Generation)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Whether the live manifest was signed with the key that signs here.</summary>
    /// <exception cref="ModelCacheException">The public key of the signer cannot be had.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<bool> IsSignedHereAsync(CancellationToken cancellationToken) =>
        trust is not null &&
        await store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false) is { } read &&
        await trust.IsSignedHereAsync(read.Bytes, ReadSignatureAsync, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes signatures of manifests that were replaced, once nobody can be reading those any more.</summary>
    /// <param name="storeTime">The time by the store's clock.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task RemoveOldSignaturesAsync(DateTimeOffset storeTime, CancellationToken cancellationToken)
    {
        var old = new List<StoredObject>();
        await foreach (var item in store.ListAsync(ManifestTrust.Folder, cancellationToken).ConfigureAwait(false))
        {
            if (storeTime - item.Updated > ManifestTrust.KeptFor)
            {
                old.Add(item);
            }
        }

        // A signature is as old as its flip, not as what replaced it: the newest of the old ones may belong to a manifest that was live until now.
        if (old.Count <= 1 || await store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false) is not { } manifest)
        {
            return;
        }

        // Whatever is flipped from here on has a signature that is too young to be listed above.
        foreach (var item in old.OrderByDescending(o => o.Updated).Skip(1).Where(o => o.Name != ManifestTrust.NameFor(manifest.Bytes)))
        {
            try
            {
                await store.DeleteAsync(
                    item.Name,
                    new ObjectDeleteOptions { Generation = item.Generation, Preconditions = new() { IfGenerationMatch = item.Generation } },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed)
            {
            }
        }
    }

    /// <summary>The generation that is live; 0 when there is no manifest. One cheap request.</summary>
    public async Task<long> GetGenerationAsync(CancellationToken cancellationToken) =>
        (await store.GetAsync(VersionFiles.Manifest, cancellationToken: cancellationToken).ConfigureAwait(false))?.Generation ?? 0;

    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.PreconditionFailed"/> when another generation than <paramref name="generation"/> is live.
    /// </exception>
    public async Task<StoredObject> ReplaceAsync(Manifest manifest, long generation, CancellationToken cancellationToken)
    {
        var bytes = ManifestJson.Serialize(manifest);
        if (bytes.Length > ManifestJson.MaxBytes)
        {
            throw new ModelCacheException(
                $"{DisplayName} would have {bytes.Length} bytes; allowed are {ManifestJson.MaxBytes}: keep fewer versions (ModelCache:Retention:Keep).");
        }

        if (trust?.Signer is { } signer)
        {
            // Before the flip, so that no reader ever finds a manifest without it. The bytes, and so the name, differ with each try.
            var signature = await ManifestTrust.SignAsync(signer, bytes, cancellationToken).ConfigureAwait(false);
            await store.WriteBytesAsync(
                ManifestTrust.NameFor(bytes),
                signature,
                new ObjectWriteOptions { ContentType = "application/json", CacheControl = "no-store", Length = signature.Length },
                cancellationToken).ConfigureAwait(false);
        }

        return await store.WriteBytesAsync(
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
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]?> ReadSignatureAsync(string name, CancellationToken cancellationToken) =>
        (await store.ReadAllAsync(name, ManifestTrust.MostBytes, cancellationToken).ConfigureAwait(false))?.Bytes;
}
