using System.Reflection;

namespace Tabular.ModelCache.Testing.Tests.Documents;

/// <summary>The C# code of documents, and the regions of compiled files that it has to be the same as.</summary>
/// <remarks>
/// A region of a file below <c>tests/</c>, all of which are compiled, begins with a line <c>// &lt;snippet&gt;</c> and ends with
/// <c>// &lt;/snippet&gt;</c>; its indentation does not count.
/// </remarks>
internal static class DocumentedCode
{
    private const string Begin = "// <snippet>";
    private const string End = "// </snippet>";

    private static readonly string Root = typeof(DocumentedCode).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The blocks <c>csharp</c> of a Markdown file.</summary>
    public static IReadOnlyList<string> BlocksOf(string document) => Regions(Path.Combine(Root, document), "```csharp", "```");

    /// <summary>All marked regions.</summary>
    public static IReadOnlyList<string> Compiled() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(f => Regions(f, Begin, End)),
    ];

    private static IReadOnlyList<string> Regions(string path, string begin, string end)
    {
        var regions = new List<string>();
        List<string>? open = null;
        foreach (var line in File.ReadLines(path))
        {
            if (open is null)
            {
                open = line.Trim() == begin ? [] : null;
            }
            else if (line.Trim() == end)
            {
                regions.Add(Join(open));
                open = null;
            }
            else
            {
                open.Add(line);
            }
        }

        return open is null ? regions : throw new InvalidOperationException($"{path}: '{begin}' has no '{end}'.");
    }

    private static string Join(List<string> lines)
    {
        var indent = lines.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(l => l.Length == 0 ? l : l[indent..])).Trim();
    }
}
