namespace Tabular.ModelCache.Mounts;

/// <summary>Resolves symbolic links, because mountinfo knows only real paths.</summary>
internal static class RealPath
{
    // The limit of Linux for one lookup (path_resolution(7)).
    private const int MaxLinks = 40;

    /// <summary>Follows every symbolic link in a path, as far as the path exists.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The absolute path without links; what does not exist is left as it is.</returns>
    /// <exception cref="IOException">A part cannot be looked at, or the links form a ring.</exception>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        for (var links = 0; links <= MaxLinks; links++)
        {
            if (ResolveFirstLink(full) is not { } resolved)
            {
                return Path.TrimEndingDirectorySeparator(full);
            }

            full = resolved;
        }

        throw new IOException($"The path '{path}' was expected to resolve within {MaxLinks} symbolic links, but did not; look for a ring.");
    }

    private static string? ResolveFirstLink(string full)
    {
        var root = Path.GetPathRoot(full) ?? string.Empty;
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var current = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var parent = current;
            current = Path.Join(current, parts[i]);
            if (new FileInfo(current).LinkTarget is { } target)
            {
                return Path.GetFullPath(Path.Join([Path.Combine(parent, target), .. parts[(i + 1)..]]));
            }
        }

        return null;
    }
}
