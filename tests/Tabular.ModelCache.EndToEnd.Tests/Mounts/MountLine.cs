namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>One mount of this machine, as <c>/proc/self/mountinfo</c> has it; paths of tests need no unescaping.</summary>
internal sealed record MountLine(string Point, string Type, string Source)
{
    public static IReadOnlyList<MountLine> ReadAll() => [.. File.ReadLines("/proc/self/mountinfo").Select(Parse)];

    /// <summary>The mount that a path lies on.</summary>
    public static MountLine Of(string path) => ReadAll()
        .Where(m => m.Point == "/" || path == m.Point || path.StartsWith(m.Point + "/", StringComparison.Ordinal))
        .OrderBy(m => m.Point.Length)
        .Last();

    private static MountLine Parse(string line)
    {
        // "36 35 98:0 / /mnt rw,noatime shared:1 - ext4 /dev/root rw", with any number of tags before the "-".
        var fields = line.Split(' ');
        var separator = Array.IndexOf(fields, "-");
        return new MountLine(fields[4], fields[separator + 1], fields[separator + 2]);
    }
}
