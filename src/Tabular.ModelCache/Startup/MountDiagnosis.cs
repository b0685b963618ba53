using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Startup;

/// <summary>Tells why a mount does not show what the store has, by the manifest that it shows.</summary>
internal sealed class MountDiagnosis(
    IOptions<ModelCacheOptions> options, IModelMount mount, MountIdentity identity, ModelCachePlaces places, SettingPath path)
{
    /// <param name="isFolder">Whether a whole folder is missing on the mount, not one of its files.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <returns>The likely cause and its cure; <see langword="null"/> when there is no store to compare the mount with.</returns>
    public async Task<string?> ExplainAsync(bool isFolder, CancellationToken cancellationToken)
    {
        if (options.Value.SharedVolumeEnabled != true || places.Manifests is not { } manifests)
        {
            return null;
        }

        try
        {
            var shown = await MountedManifest.ReadAsync(mount, places.Trust, acceptsOlder: true, cancellationToken).ConfigureAwait(false);
            var stored = (await manifests.ReadAsync(cancellationToken).ConfigureAwait(false)).Manifest;
            return Explain(isFolder, shown == ManifestSnapshot.Empty ? null : shown.Manifest, stored);
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private string Explain(bool isFolder, Manifest? shown, Manifest stored)
    {
        // Random per flip, so two manifests that have it in common are one, and whatever lay in the bucket before that flip can be shown.
        if (shown is not null && shown.WriteId == stored.WriteId)
        {
            // Who hides folders hides the version's whole.
            return isFolder
                ? "the mount shows the manifest but not the folder: it hides folders that have no object of their own; mount with " +
                    $"implicit-dirs=true (Cloud Run's default), or set {path.Key("Mount:WriteFolderObjects")} where the model is published"
                : "the mount shows the manifest but not the file: it shows an older listing of the folder (lower its metadata-cache-ttl-secs below " +
                    $"{path.Key("Mount:LagTimeout")}), or the file was removed; publish it again with the sync job, or roll back";
        }

        if (identity.FindOtherBucket() is { } other)
        {
            return other;
        }

        if (shown is null)
        {
            return $"the mount shows no {VersionFiles.Manifest}: it shows the time before the first publish (lower its metadata-cache-ttl-secs below " +
                $"{path.Key("Mount:LagTimeout")}), or another folder than {path.Key("Prefix")} names (only-dir)";
        }

        return shown.Sequence < stored.Sequence
            ? $"the mount still shows manifest sequence {shown.Sequence}, the store has {stored.Sequence}; lower the mount's metadata-cache-ttl-secs below {path.Key("Mount:LagTimeout")}"
            : $"the mount shows manifest sequence {shown.Sequence}, the store has {stored.Sequence}: mount the bucket and folder that {path.Key("Bucket")} and {path.Key("Prefix")} name";
    }
}
