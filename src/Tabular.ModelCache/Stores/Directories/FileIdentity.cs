using Microsoft.Win32.SafeHandles;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>
/// What ties metadata to the content of a file: its size and its time of last change. The store sets that time itself, to another value
/// for each generation, so that two generations never look alike, and an edit by hand always looks different.
/// </summary>
/// <param name="Size">In bytes.</param>
/// <param name="ModifiedTicks">The time of last change as <see cref="DateTime.Ticks"/> in UTC: 100 ns each.</param>
internal readonly record struct FileIdentity(long Size, long ModifiedTicks)
{
    /// <summary>Looks at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The identity; <see langword="null"/> when no file is there, or a folder or a symbolic link.</returns>
    public static FileIdentity? Of(string path)
    {
        // One stat answers all three; -1 stands for a path that is not there.
        var info = new FileInfo(path);
        var attributes = info.Attributes;
        return (int)attributes == -1 || (attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint)) != 0
            ? null
            : new FileIdentity(info.Length, info.LastWriteTimeUtc.Ticks);
    }

    /// <summary>Looks at an open file.</summary>
    /// <param name="handle">The file.</param>
    /// <returns>The identity.</returns>
    public static FileIdentity Of(SafeFileHandle handle) => new(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks);
}
