using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>How a directory is used as a store.</summary>
internal sealed class DirectoryObjectStoreOptions
{
    /// <summary>Gets how long a change waits for another process that changes the same object. The default is 30 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets whether a change reaches the disk before it is answered, and so outlives a loss of power. The default is yes.</summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>Gets what yields the text of <c>/proc/self/mountinfo</c>, or <see langword="null"/> where there is none.</summary>
    public Func<string?> LoadMountInfo { get; init; } = MountInfo.Load;

    /// <summary>Gets what is called between any two changes of the disk, for tests that look at what a crash there would leave.</summary>
    public Action<string>? OnStep { get; init; }
}
