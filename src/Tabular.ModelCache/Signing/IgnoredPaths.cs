namespace Tabular.ModelCache.Signing;

/// <summary>Paths that are not part of a signed model; each covers what is below it. No patterns.</summary>
internal sealed class IgnoredPaths
{
    /// <summary>What Model Signing always leaves out, at the top of a folder only.</summary>
    public static IReadOnlyList<string> Always { get; } = [".git", ".gitattributes", ".github", ".gitignore"];

    private readonly HashSet<string> _paths;

    public IgnoredPaths(IEnumerable<string> paths) =>
        _paths = paths.Select(p => p.TrimEnd('/')).Where(p => p.Length > 0).ToHashSet(StringComparer.Ordinal);

    /// <summary>The paths themselves, for the signed statement.</summary>
    public IReadOnlyCollection<string> All => _paths;

    /// <summary>The path below a folder that a path on the command line means; <see langword="null"/> when it lies elsewhere.</summary>
    public static string? Below(string folder, string path)
    {
        var full = Path.GetFullPath(path);
        var relative = Path.GetRelativePath(folder, full);
        if (!IsInside(relative))
        {
            // A relative path may also be meant from the folder.
            relative = Path.IsPathRooted(path) ? relative : Path.GetRelativePath(folder, Path.GetFullPath(path, folder));
        }

        return IsInside(relative) ? relative.Replace(Path.DirectorySeparatorChar, '/') : null;
    }

    public bool Covers(string path)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (_paths.Contains(path[..end]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInside(string relative) =>
        relative is not ("." or "..") && !relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !Path.IsPathRooted(relative);
}
