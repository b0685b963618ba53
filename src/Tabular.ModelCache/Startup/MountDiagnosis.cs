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
    /// <returns>The likely cause and its cure; <see langword="null"/> when there is no store to compare the mount with.</returns>
    public async Task<string?> ExplainAsync(CancellationToken cancellationToken)
    {
        if (options.Value.SharedVolumeEnabled != true || places.Manifests is not { } manifests)
        {
            return null;
        }

        try
        {
            var bytes = await mount.ReadAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false);
            var shown = bytes is null ? null : ManifestJson.Parse(bytes, $"{mount.Root}/{VersionFiles.Manifest}");
            var stored = (await manifests.ReadAsync(cancellationToken).ConfigureAwait(false)).Manifest;
            return Explain(shown, stored);
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private string Explain(Manifest? shown, Manifest stored)
    {
        // Random per flip, so two manifests that have it in common are one, and whatever lay in the bucket before that flip can be shown.
        if (shown is not null && shown.WriteId == stored.WriteId)
        {
            return "the mount shows the manifest but not the folder: it hides folders that have no object of their own; mount with " +
                $"implicit-dirs=true (Cloud Run's default), or set {path.Key("Mount:WriteFolderObjects")} where the model is published";
        }

        if (identity.FindOtherBucket() is { } other)
        {
            return other;
        }

        if (shown is null)
        {
            return $"the mount shows no {VersionFiles.Manifest}: mount the bucket's folder that {path.Key("Prefix")} names (only-dir)";
        }

        return shown.Sequence < stored.Sequence
            ? $"the mount still shows manifest sequence {shown.Sequence}, the store has {stored.Sequence}; lower the mount's metadata-cache-ttl-secs below {path.Key("Mount:LagTimeout")}"
            : $"the mount shows manifest sequence {shown.Sequence}, the store has {stored.Sequence}: mount the bucket and folder that {path.Key("Bucket")} and {path.Key("Prefix")} name";
    }
}
