using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Sources.Directories;

/// <summary>Which files of a folder make up a model, and in which order.</summary>
internal static class DirectoryLayout
{
    private const string BlobsFolder = "blobs/";
    private const string ManifestsFolder = "manifests/";

    private static readonly EnumerationOptions OneLevel = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>Finds the files, ordered so that what refers to others comes last.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    /// <exception cref="ModelCacheException">A link leads out of the folder, or to a folder.</exception>
    public static List<(string Path, string FullPath, long Size)> Find(string root, string kind, CancellationToken cancellationToken)
    {
        var files = new List<(string Path, string FullPath, long Size)>();
        Walk(root, new DirectoryInfo(root), "", files, cancellationToken);

        // Our own markers, when a published version is the source; and what readers of a Hugging Face cache do not read.
        files.RemoveAll(f => VersionFiles.IsMarker(f.Path) || (kind == ModelKinds.Sbert && IsHubBookkeeping(f.Path)));
        return [.. files.OrderBy(f => f.Path.StartsWith(ManifestsFolder, StringComparison.Ordinal)).ThenBy(f => f.Path, StringComparer.Ordinal)];
    }

    /// <summary>What makes a folder unlikely to be a model of its kind; readers would find nothing in it.</summary>
    public static string? FindDoubt(string kind, IEnumerable<string> paths)
    {
        var all = paths.ToList();
        bool Has(string prefix) => all.Any(p => p.StartsWith(prefix, StringComparison.Ordinal));
        return kind switch
        {
            ModelKinds.Ollama when !Has(BlobsFolder) || !Has(ManifestsFolder) => "it has no blobs/ or no manifests/",
            ModelKinds.Sbert when !Has("models--") => "it has no folder models--<org>--<name>",
            _ => null,
        };
    }

    private static void Walk(
        string root,
        DirectoryInfo directory,
        string prefix,
        List<(string Path, string FullPath, long Size)> files,
        CancellationToken cancellationToken)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos("*", OneLevel))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = prefix + entry.Name;
            if (entry is DirectoryInfo folder)
            {
                if ((folder.Attributes & FileAttributes.ReparsePoint) != 0)
                {
                    throw new ModelCacheException($"The source folder '{root}' has the link '{path}' to a folder; only links to files in it are followed.");
                }

                Walk(root, folder, path + "/", files, cancellationToken);
            }
            else if (entry is FileInfo file)
            {
                files.Add(Take(root, file, path));
            }
        }
    }

    private static (string Path, string FullPath, long Size) Take(string root, FileInfo file, string path)
    {
        if ((file.Attributes & FileAttributes.ReparsePoint) == 0)
        {
            return (path, file.FullName, file.Length);
        }

        // A Hugging Face cache links from snapshots/ into blobs/; what is published has plain files instead.
        var target = file.ResolveLinkTarget(returnFinalTarget: true);
        if (target is not FileInfo { Exists: true } content ||
            !content.FullName.StartsWith(Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ModelCacheException(
                $"The source folder '{root}' has the link '{path}' to '{target?.FullName ?? "nothing"}'; only links to files in the folder are followed.");
        }

        return (path, content.FullName, content.Length);
    }

    /// <summary>Readers go by <c>refs/</c> and <c>snapshots/</c>; <c>blobs/</c> holds the content that snapshots link to, and partial downloads.</summary>
    private static bool IsHubBookkeeping(string path) =>
        path.StartsWith(".locks/", StringComparison.Ordinal) || path == "CACHEDIR.TAG" ||
        (path.StartsWith("models--", StringComparison.Ordinal) && path.Split('/') is [_, "blobs" or ".no_exist" or "trees", ..]);
}
