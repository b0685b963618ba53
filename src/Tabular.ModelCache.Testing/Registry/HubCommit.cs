using System.Security.Cryptography;
using System.Text;

namespace Tabular.ModelCache.Testing;

/// <summary>One state of a Hub repository.</summary>
internal sealed class HubCommit
{
    private readonly Dictionary<string, GeneratedFile> _files;

    public HubCommit(string repository, string? parent, IReadOnlyList<GeneratedFile> files)
    {
        Files = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        _files = Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var text = new StringBuilder().Append(repository).Append('\n').Append(parent).Append('\n');
        foreach (var file in Files)
        {
            text.Append(file.Path).Append(' ').Append(file.Content.Recipe).Append('\n');
        }

        Id = Sha1(text.ToString());
    }

    /// <summary>Gets the id: the same on every machine for the same history.</summary>
    public string Id { get; }

    public IReadOnlyList<GeneratedFile> Files { get; }

    public GeneratedFile? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>Lists files and folders in a folder, in the order of their paths.</summary>
    /// <returns>Each path, with its file unless it is a folder; <see langword="null"/> if there is no such folder.</returns>
    public List<(string Path, GeneratedFile? File)>? List(string folder, bool recursive)
    {
        var prefix = folder.Length == 0 ? "" : folder + "/";
        var entries = new SortedDictionary<string, GeneratedFile?>(StringComparer.Ordinal);
        foreach (var file in Files.Where(file => file.Path.StartsWith(prefix, StringComparison.Ordinal)))
        {
            for (var slash = file.Path.IndexOf('/', prefix.Length); slash >= 0; slash = recursive ? file.Path.IndexOf('/', slash + 1) : -1)
            {
                entries[file.Path[..slash]] = null;
            }

            if (recursive || file.Path.IndexOf('/', prefix.Length) < 0)
            {
                entries[file.Path] = file;
            }
        }

        return entries.Count == 0 && prefix.Length > 0 ? null : [.. entries.Select(entry => (entry.Key, entry.Value))];
    }

    public string FolderId(string path) => Sha1($"{Id} {path}");

    // Git names objects by SHA-1; nothing is protected by it here.
#pragma warning disable CA5350
    private static string Sha1(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
