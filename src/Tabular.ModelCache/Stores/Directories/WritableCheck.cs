using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Refuses changes where the locks of one machine do not protect them.</summary>
internal sealed class WritableCheck(StoreLayout layout, DirectoryObjectStoreOptions options)
{
    private static readonly string[] SharedTypes = ["fuse", "cifs", "9p", "virtiofs", "ceph", "glusterfs", "lustre", "afs"];
    private static readonly string[] SharedTypePrefixes = ["fuse.", "nfs", "smb"];

    /// <summary>Checks the file system below an object.</summary>
    /// <param name="name">The name of the object.</param>
    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.ReadOnly"/> on a shared file system; <see cref="ObjectStoreError.StoreNotFound"/> when the root is a
    /// file; <see cref="ObjectStoreError.InvalidRequest"/> when the object lies on another file system than the store.
    /// </exception>
    public void Verify(string name)
    {
        VerifyRoot();
        if (options.LoadMountInfo() is not { } text)
        {
            return;
        }

        var mounts = MountInfo.Parse(text);
        var root = RealPath.Resolve(layout.Root);
        var mount = MountInfo.Find(mounts, root);
        if (mount is null)
        {
            return;
        }

        if (IsShared(mount.FileSystemType))
        {
            throw new ObjectStoreException(
                ObjectStoreError.ReadOnly,
                $"The directory '{layout.Root}' was expected on a local file system, but lies on '{mount.FileSystemType}' mounted at '{mount.MountPoint}', "
                + "where several machines can write and no lock holds between them. Set ModelCache:Bucket so that changes go to the bucket, "
                + "or ModelCache:MountPath to a local directory.",
                name);
        }

        // A rename to another file system would be a copy, and half of it visible.
        if (MountInfo.Find(mounts, root == "/" ? "/" + name : root + "/" + name) is { } own && own.MountPoint != mount.MountPoint)
        {
            throw new ObjectStoreException(
                ObjectStoreError.InvalidRequest,
                $"The object '{name}' was expected on the file system of '{layout.Root}', but '{own.MountPoint}' is a mount of its own. "
                + "Mount one file system over the whole directory.",
                name);
        }
    }

    /// <summary>Refuses a root that is a file.</summary>
    public void VerifyRoot()
    {
        var attributes = new FileInfo(layout.Root).Attributes;
        if ((int)attributes != -1 && (attributes & FileAttributes.Directory) == 0)
        {
            throw new ObjectStoreException(
                ObjectStoreError.StoreNotFound,
                $"The path '{layout.Root}' was expected to be a directory, but is a file. Set ModelCache:MountPath to a directory.");
        }
    }

    /// <summary>Whether several machines can see a file system of a type.</summary>
    public static bool IsShared(string type) =>
        SharedTypes.Contains(type, StringComparer.Ordinal) || Array.Exists(SharedTypePrefixes, prefix => type.StartsWith(prefix, StringComparison.Ordinal));
}
