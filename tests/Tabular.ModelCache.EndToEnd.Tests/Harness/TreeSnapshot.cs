namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>Everything below a folder with type, size, inode, modification and change time: any create, write or touch shows.</summary>
internal static class TreeSnapshot
{
    public static async Task<IReadOnlyList<string>> TakeAsync(string folder)
    {
        var result = await Tool.RunAsync("find", [folder, "-printf", @"%P %y %s %i %T@ %C@\n"]);
        result.ExitCode.Should().Be(0, result.Error);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
