using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Verification;

/// <summary>
/// Proves, by one listing of the store, that the objects of a version are those that were published, and no others: size, CRC32C and
/// generation of each. No byte is read, and no mount is needed.
/// </summary>
internal sealed class StoredVersionVerifier(IObjectStore store)
{
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<VerificationResult> VerifyAsync(ManifestVersion version, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredObject>(StringComparer.Ordinal);
        var prefix = version.Path + "/";
        await foreach (var item in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            found[item.Name[prefix.Length..]] = item;
        }

        foreach (var file in version.Files)
        {
            if (!found.TryGetValue(file.Path, out var item))
            {
                return VerificationResult.Absent($"{version.Path}/{file.Path} in {store.DisplayName}");
            }

            if (item.Size != file.Size || item.Crc32C != file.Crc32C || item.Generation != file.Generation)
            {
                return VerificationResult.Wrong(
                    version,
                    file.Path,
                    $"{file.Size} bytes, crc32c {file.Crc32C:x8}, generation {file.Generation} in {store.DisplayName}",
                    $"{item.Size} bytes, crc32c {item.Crc32C:x8}, generation {item.Generation}");
            }
        }

        return UnpublishedFiles.Find(version, found.Keys, store.DisplayName) ?? VerificationResult.Verified;
    }
}
