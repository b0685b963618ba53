namespace Tabular.ModelCache.Tests.Support;

/// <summary>A table of a page of the documentation.</summary>
internal static class MarkdownTable
{
    /// <summary>Reads the first table below a heading.</summary>
    /// <param name="page">The page, from the root of the repository.</param>
    /// <param name="heading">The heading, without its number signs.</param>
    /// <returns>The rows, by the names of the columns; backticks around whole cells are taken away.</returns>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Read(string page, string heading)
    {
        var lines = File.ReadLines(Repository.PathOf(page))
            .SkipWhile(l => !l.StartsWith('#') || l.TrimStart('#', ' ') != heading)
            .SkipWhile(l => !l.StartsWith('|'))
            .TakeWhile(l => l.StartsWith('|'))
            .ToList();
        lines.Should().HaveCountGreaterThan(2, "{0} has a table below '{1}'", page, heading);
        var columns = Cells(lines[0]);
        return [.. lines.Skip(2).Select(l => (IReadOnlyDictionary<string, string>)columns.Zip(Cells(l)).ToDictionary(c => c.First, c => Plain(c.Second)))];
    }

    /// <summary>The texts in backticks of a cell.</summary>
    public static IReadOnlyList<string> Codes(string cell) => [.. cell.Split('`').Where((_, i) => i % 2 == 1)];

    private static string[] Cells(string line) => [.. line.Trim('|', ' ').Split('|').Select(c => c.Trim())];

    private static string Plain(string cell) => cell.Count(c => c == '`') == 2 && cell.StartsWith('`') && cell.EndsWith('`') ? cell[1..^1] : cell;
}
