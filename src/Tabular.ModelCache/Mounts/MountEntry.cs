namespace Tabular.ModelCache.Mounts;

/// <summary>One mount of this process's mount namespace: a line of <c>/proc/self/mountinfo</c> (proc_pid_mountinfo(5)).</summary>
/// <param name="MountPoint">The absolute path at which it is mounted, without a trailing slash except for <c>/</c>.</param>
/// <param name="Root">The folder inside the file system that is mounted: <c>/</c> unless it is a bind mount.</param>
/// <param name="FileSystemType">The type, with its subtype: <c>ext4</c>, <c>fuse.gcsfuse</c>.</param>
/// <param name="Source">What is mounted, as the file system names it; the bucket for gcsfuse.</param>
/// <param name="Options">The options of this mount, separated by commas.</param>
/// <param name="SuperOptions">The options of the file system, separated by commas.</param>
/// <param name="DeviceNumber">The device as <c>major:minor</c>.</param>
internal sealed record MountEntry(
    string MountPoint,
    string Root,
    string FileSystemType,
    string Source,
    string Options,
    string SuperOptions,
    string DeviceNumber)
{
    // gcsfuse mounts of every bucket at once have its own name as their source (cmd/legacy_main.go, fsName).
    private const string AllBuckets = "gcsfuse";

    /// <summary>The bucket that the source names; <see langword="null"/> where it names none, or names it in a way not known here.</summary>
    public string? BucketName => FileSystemType switch
    {
        "fuse.gcsfuse" when Source != AllBuckets => Source,
        "fuse.rclone" when Source.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon => Source[(colon + 1)..].Trim('/').Split('/')[0],
        _ => null,
    };
}
