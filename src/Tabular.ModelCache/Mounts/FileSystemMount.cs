using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Mounts;

/// <summary>A folder of this machine: a gcsfuse mount in production, a plain directory by default.</summary>
internal sealed class FileSystemMount(
    ModelCacheOptions options, SettingPath path, MountIdentity identity, TimeProvider clock, ILogger<FileSystemMount> logger) : IModelMount
{
    private const int BufferSize = 1 << 20;
    private const int MostFiles = 100_000;

    // gcsfuse keeps "not found" for 5 s, and a known defect shows a false one for as long. A stale handle is cured by opening again.
    private static readonly TimeSpan RetryWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private static readonly EnumerationOptions OneLevel = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    private Task<bool>? _probe;

    public string Root { get; } = options.MountPath!;

    private bool IsShared => options.SharedVolumeEnabled == true;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!IsShared)
        {
            await RunAsync("", TryEnter, cancellationToken).ConfigureAwait(false);
            return;
        }

        identity.Check();
        if (identity.FindOtherBucket() is { } doubt)
        {
            MountLog.OtherBucket(logger, doubt);
        }

        // A name that was just made can be missing for some seconds on a mount that remembers its absence.
        if (!await RetryAsync(() => RunAsync("", TryEnter, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            throw new ModelCacheException(
                $"{path.Key("MountPath")} is '{Root}', which does not exist (looked for {RetryWindow.TotalSeconds:0} s); mount the bucket there.");
        }

        // statfs proves the daemon; only reading proves the credentials and the store behind it. A bucket may have no manifest yet.
        // After a flip a mount that lags asks for the manifest that it saw, which is gone: rclone answers EIO until it lists the folder again.
        async Task<bool> ReadManifestAsync() =>
            await ReadAsync(
                VersionFiles.Manifest, ManifestJson.MaxBytes, e => MountErrors.IsStale(e) || MountErrors.IsInputOutput(e), cancellationToken).ConfigureAwait(false) is not null;
        if (string.IsNullOrEmpty(options.Bucket))
        {
            await RetryAsync(ReadManifestAsync, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ReadManifestAsync().ConfigureAwait(false);
        }
    }

    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        if (!IsShared)
        {
            return;
        }

        // A probe that hangs in the kernel is waited for again, so that a mount which hangs for hours costs one thread.
        if (_probe is not { IsCompleted: false })
        {
            _probe = BlockingCall.Start(StatFileSystem, "mount probe");
        }

        try
        {
            await _probe.WaitAsync(options.Mount.ProbeTimeout, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (MountErrors.IsMountError(e))
        {
            throw MountErrors.Translate(e, Root, "");
        }
    }

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) =>
        ReadAsync(path, limit, MountErrors.IsStale, cancellationToken);

    public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken) =>
        await RunAsync(
            folder,
            () =>
            {
                var files = new Dictionary<string, long>(StringComparer.Ordinal);
                try
                {
                    var directory = new DirectoryInfo(Absolute(folder));
                    if (directory.Exists && IsLink(directory))
                    {
                        throw new ModelCacheException(
                            $"'{directory.FullName}' is a symbolic link, expected is a folder: what is published has no links; remove it, and publish the model again.");
                    }

                    List(directory, "", files, cancellationToken);
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

    private async Task<byte[]?> ReadAsync(string path, int limit, Func<Exception, bool> isPassing, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await BlockingCall.RunAsync(
                    () => ReadAll(path, limit), "mount", options.Mount.ProbeTimeout, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (isPassing(e) && clock.GetElapsedTime(began) < RetryWindow)
            {
                await Task.Delay(RetryPause, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (MountErrors.IsMountError(e))
            {
                throw MountErrors.Translate(e, Root, path);
            }
        }
    }

    /// <returns>Whether the folder is there. A private directory need not be: the first write makes it.</returns>
    private bool TryEnter()
    {
        var attributes = GetAttributes(Root);
        if (attributes is null)
        {
            return false;
        }

        if (IsShared)
        {
            StatFileSystem();
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

    // On Linux AvailableFreeSpace is statfs, which gcsfuse answers by itself without a request to the bucket.
    private bool StatFileSystem()
    {
        _ = new DriveInfo(Root).AvailableFreeSpace;
        return true;
    }

    private async Task<bool> RetryAsync(Func<Task<bool>> isThere, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (!await isThere().ConfigureAwait(false))
        {
            if (clock.GetElapsedTime(began) >= RetryWindow)
            {
                return false;
            }

            await Task.Delay(RetryPause, clock, cancellationToken).ConfigureAwait(false);
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

            // A symbolic link is listed by what it is, not by what it points at: published versions have none.
            if (IsLink(entry))
            {
                files[prefix + entry.Name] = -1;
            }
            else if (entry is FileInfo file)
            {
                files[prefix + file.Name] = file.Length;
            }
            else if (entry is DirectoryInfo folder)
            {
                List(folder, prefix + folder.Name + "/", files, cancellationToken);
            }
        }
    }

    private static bool IsLink(FileSystemInfo entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;

    private byte[]? ReadAll(string path, int limit)
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
    }

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

    private async Task<T> RunAsync<T>(string target, Func<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await BlockingCall.RunAsync(call, "mount", options.Mount.ProbeTimeout, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (MountErrors.IsMountError(e))
        {
            throw MountErrors.Translate(e, Root, target);
        }
    }
}
