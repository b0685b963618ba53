using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Sources;

/// <summary>The rules for the files of one version, whether a source or a manifest names them.</summary>
internal static class VersionPaths
{
    // The prefix, kind, version and staging folders stand before a path in an object's name, which may have 1024 bytes.
    private const int MostBytes = 700;

    public static string? FindProblem(IEnumerable<(string Path, long Size)> files)
    {
        var paths = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var folders = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, size) in files)
        {
            if (ObjectName.FindProblem(path) is { } problem)
            {
                return $"the path '{Printable(path)}' {problem}";
            }

            if (System.Text.Encoding.UTF8.GetByteCount(path) > MostBytes)
            {
                return $"the path '{path}' is longer than {MostBytes} bytes of UTF-8";
            }

            if (size < 0)
            {
                return $"the file '{path}' has the size {size}";
            }

            if (!paths.Add(path))
            {
                return $"the path '{path}' occurs twice (letter case does not count)";
            }

            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                folders.Add(path[..slash]);
            }
        }

        return paths.FirstOrDefault(folders.Contains) is { } both ? $"the path '{both}' is a file and a folder" : null;
    }

    private static string Printable(string? path) =>
        string.Concat((path ?? "").Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
