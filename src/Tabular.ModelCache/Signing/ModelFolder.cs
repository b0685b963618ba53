using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Signing;

/// <summary>The files of a model in a folder of this machine, as Model Signing sees them: files only, and no symbolic links.</summary>
internal static class ModelFolder
{
    private const int BufferBytes = 1 << 20;

    private static readonly EnumerationOptions OneLevel = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>Reads and hashes the files of a folder.</summary>
    /// <exception cref="ModelCacheException">A file cannot be read, is a link, or has a name that no model may have.</exception>
    public static async Task<IReadOnlyList<SignedResource>> ReadAsync(string folder, IgnoredPaths ignored, CancellationToken cancellationToken)
    {
        var resources = new ConcurrentBag<SignedResource>();
        try
        {
            var files = new List<(string Path, FileInfo File)>();
            Walk(new DirectoryInfo(folder), "", folder, ignored, files, cancellationToken);
            if (VersionPaths.FindProblem(files.Select(f => (f.Path, f.File.Length))) is { } problem)
            {
                throw new ModelCacheException($"The folder '{folder}' cannot be a signed model: {problem}.");
            }

            await Parallel.ForEachAsync(
                files,
                new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount },
                async (item, token) => resources.Add(await HashAsync(item.Path, item.File.FullName, token).ConfigureAwait(false))).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelCacheException($"The folder '{folder}' cannot be read: {e.Message}", e);
        }

        return [.. resources];
    }

    /// <summary>Tells how a folder differs from what was signed.</summary>
    /// <param name="statement">What was signed.</param>
    /// <param name="found">The files that are there.</param>
    /// <param name="mayHaveOthers">Whether files that were not signed are tolerated.</param>
    /// <returns>The first difference, naming the file; <see langword="null"/> when there is none.</returns>
    public static string? FindDifference(ModelStatement statement, IReadOnlyList<SignedResource> found, bool mayHaveOthers)
    {
        var there = found.ToDictionary(f => f.Name, StringComparer.Ordinal);
        foreach (var resource in statement.Resources)
        {
            if (!there.Remove(resource.Name, out var file))
            {
                return $"the file '{resource.Name}' is missing";
            }

            if (resource.Size is { } size && size != file.Size)
            {
                return $"the file '{resource.Name}' has {file.Size} bytes; signed are {size}";
            }

            if (resource.Sha256 != file.Sha256)
            {
                return $"the file '{resource.Name}' has sha256 {file.Sha256}; signed is {resource.Sha256}";
            }
        }

        return mayHaveOthers || there.Count == 0
            ? null
            : $"the file '{there.Keys.Order(StringComparer.Ordinal).First()}' was not signed ({there.Count} such files)";
    }

    private static void Walk(
        DirectoryInfo directory,
        string prefix,
        string folder,
        IgnoredPaths ignored,
        List<(string Path, FileInfo File)> files,
        CancellationToken cancellationToken)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos("*", OneLevel))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = prefix + entry.Name;
            if (ignored.Covers(path))
            {
                continue;
            }

            if ((entry.Attributes & FileAttributes.ReparsePoint) != 0)
            {
                throw new ModelCacheException($"The folder '{folder}' has the symbolic link '{path}'; a signed model has plain files only.");
            }

            if (entry is DirectoryInfo child)
            {
                Walk(child, path + "/", folder, ignored, files, cancellationToken);
            }
            else if (entry is FileInfo file)
            {
                files.Add((path, file));
            }
        }
    }

    private static async Task<SignedResource> HashAsync(string path, string fullPath, CancellationToken cancellationToken)
    {
        var stream = new FileStream(fullPath, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.Read,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
        });
        await using var owner = stream.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var size = 0L;
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            size += count;
        }

        return new SignedResource(path, Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }
}
