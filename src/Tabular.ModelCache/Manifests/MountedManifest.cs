using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Manifests;

/// <summary>Reads the manifest that a mount shows; its signature comes through the mount as well.</summary>
internal static class MountedManifest
{
    public static string DisplayName(IModelMount mount) => $"{mount.Root}/{VersionFiles.Manifest}";

    /// <param name="mount">The mount.</param>
    /// <param name="trust">How manifests are verified.</param>
    /// <param name="acceptsOlder">Whether it may be older than allowed, because it is only compared with that of the store.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <exception cref="ModelCacheException">What is shown cannot be used or is not trusted, or the mount failed.</exception>
    public static async Task<ManifestSnapshot> ReadAsync(
        IModelMount mount, ManifestTrust? trust, bool acceptsOlder, CancellationToken cancellationToken)
    {
        var bytes = await mount.ReadAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (trust is null)
        {
            return bytes is null ? ManifestSnapshot.Empty : new ManifestSnapshot(ManifestJson.Parse(bytes, DisplayName(mount)), 0);
        }

        var manifest = await trust.OpenAsync(
            bytes, DisplayName(mount), (name, token) => mount.ReadAsync(name, ManifestTrust.MostBytes, token), cancellationToken, acceptsOlder)
            .ConfigureAwait(false);
        return bytes is null ? ManifestSnapshot.Empty : new ManifestSnapshot(manifest, 0);
    }
}
