using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Mounts;

/// <summary>A folder of this machine: a gcsfuse mount in production, a plain directory by default.</summary>
internal sealed class FileSystemMount(ModelCacheOptions options, SettingPath path, MountTable table, TimeProvider clock) : IModelMount
{
    private const int BufferSize = 1 << 20;
    private const int MostFiles = 200_000;
    private const string DefaultType = "fuse.gcsfuse";
    private const string AnyType = "*";

    // gcsfuse keeps "not found" for 5 s, and a known defect shows a false one for as long.
    private static readonly TimeSpan AbsenceTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AbsencePause = TimeSpan.FromMilliseconds(250);

    private static readonly EnumerationOptions OneLevel = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    public string Root { get; } = options.MountPath!;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (options.SharedVolumeEnabled == true)
        {
            CheckType();
        }

        // A name that was just made can be missing for some seconds on a mount that remembers its absence.
        var began = clock.GetTimestamp();
        while (!await RunAsync("", TryEnter, cancellationToken).ConfigureAwait(false))
        {
            if (clock.GetElapsedTime(began) >= AbsenceTimeout)
            {
                throw new ModelCacheException(
                    $"{path.Key("MountPath")} is '{Root}', which does not exist (looked for {AbsenceTimeout.TotalSeconds:0} s); mount the bucket there.");
            }

            await Task.Delay(AbsencePause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task ProbeAsync(CancellationToken cancellationToken) =>
        RunAsync(
            "",
            () =>
            {
                // On Linux AvailableFreeSpace is statfs, which gcsfuse answers by itself without a request to the bucket.
                _ = options.SharedVolumeEnabled == true ? new DriveInfo(Root).AvailableFreeSpace : 0;
                return true;
            },
            cancellationToken);

    public async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) =>
        await RunAsync(
            path,
            () =>
            {
                try
                {
                    using var stream = OpenRead(path);
                    return ReadAll(stream, path, limit);
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    return null;
                }
            },
            cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken) =>
        await RunAsync(
            folder,
            () =>
            {
                var files = new Dictionary<string, long>(StringComparer.Ordinal);
                try
                {
                    List(new DirectoryInfo(Absolute(folder)), "", files, cancellationToken);
                }
                catch (DirectoryNotFoundException)
                {
                    return null;
                }

                return (IReadOnlyDictionary<string, long>?)files;
            },
            cancellationToken).ConfigureAwait(false);

    public Stream OpenRead(string path) =>
        new FileStream(
            Absolute(path),
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan,
                BufferSize = 0,
            });

    /// <returns>Whether the folder is there, or need not be.</returns>
    private bool TryEnter()
    {
        var attributes = GetAttributes(Root);
        if (attributes is null)
        {
            // A private directory is made by the first write.
            return options.SharedVolumeEnabled != true;
        }

        if ((attributes & FileAttributes.Directory) == 0)
        {
            throw new ModelCacheException($"{path.Key("MountPath")} is '{Root}', which is a file; a folder is expected.");
        }

        foreach (var _ in new DirectoryInfo(Root).EnumerateFileSystemInfos("*", OneLevel))
        {
            break;
        }

        return true;
    }

    private static FileAttributes? GetAttributes(string path)
    {
        try
        {
            return File.GetAttributes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void List(DirectoryInfo directory, string prefix, Dictionary<string, long> files, CancellationToken cancellationToken)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos("*", OneLevel))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (files.Count >= MostFiles)
            {
                throw new ModelCacheException($"The folder '{directory.FullName}' has more than {MostFiles} files; a version has at most half of that.");
            }

            if (entry is FileInfo file)
            {
                // A symbolic link is listed by what it is, not by what it points at: published versions have none.
                files[prefix + file.Name] = IsLink(file) ? -1 : file.Length;
            }
            else if (entry is DirectoryInfo folder && !IsLink(folder))
            {
                List(folder, prefix + folder.Name + "/", files, cancellationToken);
            }
        }
    }

    private static bool IsLink(FileSystemInfo entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;

    private byte[] ReadAll(Stream stream, string path, int limit)
    {
        var length = stream.Length;
        if (length > limit)
        {
            throw new ModelCacheException($"'{Absolute(path)}' has {length} bytes; expected are at most {limit}.");
        }

        var bytes = new byte[length];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    private string Absolute(string path) => path.Length == 0 ? Root : Path.Combine(Root, path);

    private void CheckType()
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

        var found = entry is null ? "nothing is mounted there" : $"it lies on '{entry.MountPoint}' of type {entry.FileSystemType}";
        throw new ModelCacheException(
            $"{path.Key("MountPath")} is '{Root}', expected to be a mount of type {string.Join(" or ", accepted)}, but {found}; " +
            $"mount the bucket there, set {path.Key("SharedVolumeEnabled")} to false for a private directory, or list the type in {path.Key("Mount:AcceptedTypes")}.");
    }

    private async Task<T> RunAsync<T>(string target, Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await BlockingCall.RunAsync(call, "mount", options.Mount.ProbeTimeout, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
        {
            throw MountErrors.Translate(e, Root, target);
        }
    }
}
