using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Verification;

/// <summary>Proves that what the mount shows of a version is what was published, as far as a level goes.</summary>
internal sealed class VersionVerifier(IModelMount mount, IObjectStore? store, ContentReader reader)
{
    // `.done` is 64 hex digits and a newline.
    private const int MaxDoneBytes = 256;

    /// <summary>Verifies one version.</summary>
    /// <exception cref="ModelCacheException">The mount failed.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<VerificationResult> VerifyAsync(
        ManifestVersion version, VerificationLevel level, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        // The listing of the store and the reads through the mount do not depend on each other.
        var stored = level == VerificationLevel.Metadata
            ? VerifyStoreAsync(version, cancellationToken)
            : Task.FromResult(VerificationResult.Verified);
        var shown = await VerifyMarkersAsync(version, level, cancellationToken).ConfigureAwait(false);
        var result = await stored.ConfigureAwait(false);
        if (result.Problem is not null)
        {
            return result;
        }

        if (!shown.IsVerified || !result.IsVerified)
        {
            return shown.IsVerified ? result : shown;
        }

        return level == VerificationLevel.Content
            ? await ReadAsync(version, progress, cancellationToken).ConfigureAwait(false)
            : result;
    }

    /// <summary>Reads everything. When that fails, the store is asked: a file that was replaced while it is read is not the mount's fault.</summary>
    private async Task<VerificationResult> ReadAsync(ManifestVersion version, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.VerifyAsync(version, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCacheException e) when (store is not null)
        {
            var stored = await VerifyStoreAsync(version, cancellationToken).ConfigureAwait(false);
            return stored.IsVerified ? throw new ModelCacheException(e.Message, e) : stored;
        }
    }

    private async Task<VerificationResult> VerifyMarkersAsync(
        ManifestVersion version, VerificationLevel level, CancellationToken cancellationToken)
    {
        var shown = await mount.ListAsync(version.Path, cancellationToken).ConfigureAwait(false);
        if (shown is null)
        {
            return VerificationResult.FolderAbsentOnMount(version.Path, mount.Root);
        }

        string? missing = null;
        foreach (var file in version.Files)
        {
            if (!shown.TryGetValue(file.Path, out var size))
            {
                missing ??= file.Path;
            }
            else if (size != file.Size)
            {
                return VerificationResult.Wrong(version, file.Path, $"{file.Size} bytes", size < 0 ? "a symbolic link" : $"{size} bytes");
            }
        }

        // Links are refused at every level, because published versions have none. Other files are left alone at the lowest one: on a laptop
        // its folder is one that people open, and whose programs leave files of their own.
        var besides = shown.Where(f => f.Value < 0 || level != VerificationLevel.Marker).Select(f => f.Key);
        if (UnpublishedFiles.Find(version, besides, mount.Root) is { } unpublished)
        {
            return unpublished;
        }

        if (missing is not null)
        {
            return AbsentOnMount(version, missing);
        }

        var checksums = await mount.ReadAsync($"{version.Path}/{VersionFiles.Checksums}", ChecksumFile.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (checksums is null)
        {
            return AbsentOnMount(version, VersionFiles.Checksums);
        }

        var digest = Sha256Hex.Of(checksums);
        if (digest != version.Checksums)
        {
            return VerificationResult.Wrong(version, VersionFiles.Checksums, $"sha256 {version.Checksums}", $"sha256 {digest}");
        }

        if (FindDifference(version, checksums) is { } difference)
        {
            return VerificationResult.Wrong(difference);
        }

        var done = await mount.ReadAsync($"{version.Path}/{VersionFiles.Done}", MaxDoneBytes, cancellationToken).ConfigureAwait(false);
        if (done is null)
        {
            return AbsentOnMount(version, VersionFiles.Done);
        }

        var text = Encoding.ASCII.GetString(done).TrimEnd('\n');
        return text == version.Checksums
            ? VerificationResult.Verified
            : VerificationResult.Wrong(version, VersionFiles.Done, version.Checksums, $"'{string.Concat(text.Where(c => !char.IsControl(c)).Take(80))}'");
    }

    /// <summary>The checksum file and the manifest must name the same files with the same digests.</summary>
    private static string? FindDifference(ManifestVersion version, byte[] checksums)
    {
        var listed = ChecksumFile.TryParse(checksums, out var problem);
        if (listed is null)
        {
            return $"{version.Path}/{VersionFiles.Checksums} cannot be used: {problem}.";
        }

        var payload = version.Files.Where(f => !VersionFiles.IsMarker(f.Path)).ToList();
        foreach (var file in payload)
        {
            if (!listed.TryGetValue(file.Path, out var sha256) || sha256 != file.Sha256)
            {
                return $"{version.Path}/{VersionFiles.Checksums} and manifest.json disagree about '{file.Path}': expected sha256 {file.Sha256}, " +
                    $"found {sha256 ?? "no line"}; publish the model again.";
            }
        }

        return listed.Count == payload.Count
            ? null
            : $"{version.Path}/{VersionFiles.Checksums} has {listed.Count} files, manifest.json {payload.Count}; publish the model again.";
    }

    private Task<VerificationResult> VerifyStoreAsync(ManifestVersion version, CancellationToken cancellationToken) =>
        store is not null
            ? new StoredVersionVerifier(store).VerifyAsync(version, cancellationToken)
            : throw new ModelCacheException($"The level {VerificationLevel.Metadata} needs a store; set ModelCache:Bucket.");

    private VerificationResult AbsentOnMount(ManifestVersion version, string file) => VerificationResult.AbsentOnMount($"{version.Path}/{file}", mount.Root);
}
