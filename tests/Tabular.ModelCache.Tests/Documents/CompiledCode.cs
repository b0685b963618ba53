namespace Tabular.ModelCache.Tests.Documents;

/// <summary>The regions of compiled files that C# code of documents has to be the same as.</summary>
/// <remarks>
/// A region of a file below <c>tests/</c>, all of which are compiled, begins with a line <c>// &lt;snippet&gt;</c> and ends with
/// <c>// &lt;/snippet&gt;</c>; its indentation does not count.
/// </remarks>
internal static class CompiledCode
{
    private const string Begin = "// <snippet>";
    private const string End = "// </snippet>";

    private static readonly Lazy<HashSet<string>> Regions = new(() => [.. Repository.Files(".cs", "tests").SelectMany(RegionsOf)]);

    public static bool Contains(string code) => Regions.Value.Contains(code.Trim());

    private static IEnumerable<string> RegionsOf(string path)
    {
        List<string>? open = null;
        foreach (var line in File.ReadLines(path))
        {
            if (open is null)
            {
                open = line.Trim() == Begin ? [] : null;
            }
            else if (line.Trim() == End)
            {
                yield return Join(open);
                open = null;
            }
            else
            {
                open.Add(line);
            }
        }

        if (open is not null)
        {
            throw new InvalidOperationException($"{path}: '{Begin}' has no '{End}'.");
        }
    }

    private static string Join(List<string> lines)
    {
        var indent = lines.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(l => l.Length == 0 ? l : l[indent..])).Trim();
    }
}
