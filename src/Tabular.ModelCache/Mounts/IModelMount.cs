namespace Tabular.ModelCache.Mounts;

/// <summary>The file system view through which readers see the store; it can lag behind the store, and it can hang.</summary>
internal interface IModelMount
{
    /// <summary>The full path of the folder.</summary>
    string Root { get; }

    /// <summary>Checks that the folder is the mount that it should be and that it answers.</summary>
    /// <exception cref="ModelCacheException">It is not, or does not; the message says what was expected, found, and what to do.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Checks only that the mount is alive, without asking what is behind it.</summary>
    /// <exception cref="ModelCacheException">It is dead or hangs.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Reads a small file.</summary>
    /// <returns><see langword="null"/> when the mount does not show it.</returns>
    /// <exception cref="ModelCacheException">The file is larger than <paramref name="limit"/>, or the mount failed.</exception>
    Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken);

    /// <summary>Lists the files below a folder with their sizes, one request per directory.</summary>
    /// <returns>
    /// Paths relative to the folder, with a size of -1 for symbolic links; <see langword="null"/> when the mount does not show the folder.
    /// </returns>
    /// <exception cref="ModelCacheException">The mount failed, or the folder is a symbolic link.</exception>
    Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Opens a file for one sequential reader. Blocks; call it on a thread that may hang.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened.</exception>
    Stream OpenRead(string path);
}
