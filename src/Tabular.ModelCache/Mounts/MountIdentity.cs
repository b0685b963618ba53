using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Mounts;

/// <summary>What the kernel says is mounted where the models are expected. Nothing here touches the mount, so nothing can hang.</summary>
internal sealed class MountIdentity(ModelCacheOptions options, SettingPath path, MountTable table)
{
    private const string DefaultType = "fuse.gcsfuse";
    private const string AnyType = "*";

    private string Root => options.MountPath!;

    /// <summary>Checks the type of the file system.</summary>
    /// <exception cref="ModelCacheException">It is not one of the accepted types.</exception>
    public void Check()
    {
        var accepted = options.Mount.AcceptedTypes.Count == 0 ? [DefaultType] : options.Mount.AcceptedTypes;
        if (accepted.Contains(AnyType, StringComparer.Ordinal))
        {
            return;
        }

        var entry = MountInfo.Find(table.Read(), Root);
        if (entry is not null && accepted.Contains(entry.FileSystemType, StringComparer.Ordinal))
        {
            return;
        }

        var found = entry is null || entry.MountPoint != Root
            ? $"nothing is mounted there{(entry is null ? "" : $" (it lies on '{entry.MountPoint}' of type {entry.FileSystemType})")}"
            : $"'{entry.Source}' of type {entry.FileSystemType} is mounted there";
        throw new ModelCacheException(
            $"{path.Key("MountPath")} is '{Root}', expected to be a mount of type {string.Join(" or ", accepted)}, but {found}; " +
            $"mount the bucket there, set {path.Key("SharedVolumeEnabled")} to false for a private directory, or list the type in {path.Key("Mount:AcceptedTypes")}.");
    }

    /// <summary>Compares the source of the mount with the bucket. Only a doubt: what a launcher names as the source is its own affair.</summary>
    /// <returns>What is odd and what to look at; <see langword="null"/> when nothing is.</returns>
    public string? FindOtherBucket() =>
        options.Bucket is { Length: > 0 } bucket && MountInfo.Find(table.Read(), Root) is { BucketName: { } mounted } entry && mounted != bucket
            ? $"{Root} is a mount of '{entry.Source}', but {path.Key("Bucket")} is '{bucket}'; mount gs://{bucket} there, or set {path.Key("Bucket")} to the bucket that is mounted"
            : null;
}
