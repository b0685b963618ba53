using System.Globalization;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Writes <c>model.sig</c> into a version's folder before <c>.done</c>. Signatures by ECDSA differ each time, so one that another try has
/// written is taken when it says the same, and replaced when it does not: nobody reads the folder before the flip.
/// </summary>
internal sealed class VersionSigner(IObjectStore store, ManifestTrust? trust)
{
    private const int MostTries = 3;

    public bool Signs => trust?.Signer is not null;

    /// <summary>Signs the files of a version, unless that was done.</summary>
    /// <param name="version">The version, with its other markers.</param>
    /// <param name="existing">The signature that the folder has already.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The entry of the signature; <see langword="null"/> when nothing is signed here.</returns>
    /// <exception cref="ModelCacheException">The signer failed.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<ManifestFile?> SignAsync(ManifestVersion version, StoredObject? existing, CancellationToken cancellationToken)
    {
        if (trust?.Signer is not { } signer)
        {
            return null;
        }

        var statement = Describe(version);
        var name = $"{version.Path}/{VersionFiles.Signature}";
        for (var attempt = 1; ; attempt++)
        {
            if (existing is not null)
            {
                var own = new VerificationKeys([await EnvelopeSigner.GetKeyAsync(signer, cancellationToken).ConfigureAwait(false)]);
                if (await ReadAsync(name, _ => ValueTask.FromResult(own), statement, cancellationToken).ConfigureAwait(false) is { } usable)
                {
                    return usable;
                }

                await store.DeleteAsync(
                    name,
                    new ObjectDeleteOptions { Generation = existing.Generation, Preconditions = new() { IfGenerationMatch = existing.Generation } },
                    cancellationToken).ConfigureAwait(false);
            }

            var bytes = await ModelBundle.SignAsync(statement, signer, cancellationToken).ConfigureAwait(false);
            try
            {
                var options = new ObjectWriteOptions
                {
                    Preconditions = ObjectPreconditions.MustNotExist,
                    ContentType = ModelBundle.ContentType,
                    Length = bytes.Length,
                };
                return Entry(bytes, await store.WriteBytesAsync(name, bytes, options, cancellationToken).ConfigureAwait(false));
            }
            catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed && attempt < MostTries)
            {
                existing = await store.GetAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A finished version as it may become active: where something is signed here, with the signature that its folder has.</summary>
    /// <returns><see langword="null"/> when the folder has none by a trusted key; it is finished, so that none can be added.</returns>
    /// <exception cref="ModelCacheException">The public key of the signer cannot be had.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<ManifestVersion?> TryAdoptAsync(ManifestVersion version, CancellationToken cancellationToken) =>
        trust?.Signer is null ? version :
        await FindAsync(version, trust, cancellationToken).ConfigureAwait(false) is { } signature
            ? version with { Files = [.. version.Files.Where(f => f.Path != VersionFiles.Signature), signature] }
            : null;

    /// <summary>What is wrong with the signature of a published version, if something is signed here.</summary>
    /// <exception cref="ModelCacheException">The public key of the signer cannot be had.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<string?> FindFlawAsync(ManifestVersion version, CancellationToken cancellationToken) =>
        trust?.Signer is null || await FindAsync(version, trust, cancellationToken).ConfigureAwait(false) is not null
            ? null
            : $"{version.Path}/{VersionFiles.Signature} is not a signature of it by a trusted key";

    private async Task<ManifestFile?> FindAsync(ManifestVersion version, ManifestTrust by, CancellationToken cancellationToken) => await ReadAsync(
        $"{version.Path}/{VersionFiles.Signature}",
        signatures => by.GetKeysAsync(signatures, cancellationToken),
        Describe(version),
        cancellationToken).ConfigureAwait(false);

    /// <summary>Binds all files with their sizes, the other markers included, to the version.</summary>
    private static ModelStatement Describe(ManifestVersion version)
    {
        var files = version.Files.Where(f => f.Path != VersionFiles.Signature).Select(f => new SignedResource(f.Path, f.Sha256, f.Size)).ToList();
        var annotations = new Dictionary<string, string>
        {
            ["version"] = version.Version,
            ["path"] = version.Path,
            ["checksums"] = version.Checksums,
            ["bytes"] = version.Bytes.ToString(CultureInfo.InvariantCulture),
        };

        // Model Signing leaves these names out, so a verifier would not notice what is put there later.
        return files.Find(f => new IgnoredPaths(IgnoredPaths.Always).Covers(f.Name)) is { } ignored
            ? throw new ModelCacheException($"The version {version.Version} cannot be signed: '{ignored.Name}' is a name that OpenSSF Model Signing ignores; remove it from the source.")
            : ModelStatement.Create(version.Version, annotations, files, [VersionFiles.Signature]);
    }

    private async Task<ManifestFile?> ReadAsync(
        string name, Func<IReadOnlyList<DsseSignature>, ValueTask<VerificationKeys>> findKeys, ModelStatement expected, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.ReadAllAsync(name, ModelBundle.MostBytes, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return null;
            }

            var keys = await findKeys(ModelBundle.Parse(found.Bytes).Envelope.Signatures).ConfigureAwait(false);
            return ModelBundle.Verify(found.Bytes, keys, name).SaysTheSame(expected) ? Entry(found.Bytes, found.Metadata) : null;
        }
        catch (FormatException)
        {
            return null;
        }
        catch (ModelCacheException e) when (e.InnerException is FormatException)
        {
            return null;
        }
        catch (ObjectStoreException e) when (e.Error == ObjectStoreError.Corrupted)
        {
            // Larger than any signature.
            return null;
        }
    }

    private static ManifestFile Entry(byte[] bytes, StoredObject stored) => new()
    {
        Path = VersionFiles.Signature,
        Size = bytes.Length,
        Sha256 = Sha256Hex.Of(bytes),
        Crc32C = Crc32C.Compute(bytes),
        Generation = stored.Generation,
    };
}
