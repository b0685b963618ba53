using System.IO.Enumeration;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Finds the names of all objects below a prefix.</summary>
internal sealed class DirectoryLister(StoreLayout layout)
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false };

    /// <summary>Walks the folders that can hold a name with the prefix. Symbolic links are neither objects nor followed.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <returns>The names, ordered by their UTF-8 bytes.</returns>
    public List<string> Find(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        if (folder.Length > 0 && (ObjectName.FindProblem(folder[..^1]) is not null || StoreLayout.IsPrivate(folder)))
        {
            return names;
        }

        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out var current))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, isFolder) in Enumerate(current))
            {
                if (StoreLayout.IsPrivate(name))
                {
                    continue;
                }

                if (isFolder)
                {
                    var inner = name + "/";
                    if (inner.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(inner, StringComparison.Ordinal))
                    {
                        folders.Push(inner);
                    }
                }
                else if (name.StartsWith(prefix, StringComparison.Ordinal) && ObjectName.FindProblem(name) is null)
                {
                    names.Add(name);
                }
            }
        }

        names.Sort(Utf8NameComparer.Instance);
        return names;
    }

    private List<(string Name, bool IsFolder)> Enumerate(string folder)
    {
        try
        {
            return
            [
                .. new FileSystemEnumerable<(string, bool)>(
                    layout.FileOf(folder),
                    (ref FileSystemEntry entry) => (string.Concat(folder, entry.FileName), entry.IsDirectory),
                    Everything)
                {
                    ShouldIncludePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
                },
            ];
        }
        catch (DirectoryNotFoundException)
        {
            // Not there, or removed as an empty folder in between.
            return [];
        }
    }
}
