using System.Globalization;

namespace Tabular.ModelCache.Doctor;

/// <summary>The memory limit of the control group that this process runs in (cgroups(7), versions 1 and 2).</summary>
internal static class MemoryLimits
{
    // Version 1 has no word for "none": it shows the largest multiple of a page below 2^63.
    private const long None = 1L << 60;

    private const string Root = "/sys/fs/cgroup";

    /// <returns>The lowest limit of the group and those around it; <see langword="null"/> when there is none, or no such system.</returns>
    public static long? Read()
    {
        long? lowest = null;
        foreach (var file in Files())
        {
            if (ReadText(file) is { } text
                && long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                && bytes < (lowest ?? None))
            {
                lowest = bytes;
            }
        }

        return lowest;
    }

    private static IEnumerable<string> Files()
    {
        yield return $"{Root}/memory.max";
        yield return $"{Root}/memory/memory.limit_in_bytes";

        // "0::/user.slice/service": outside of a container the group is not the root of what is mounted.
        var group = (ReadText("/proc/self/cgroup") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal));
        for (var path = group?["0::".Length..].TrimEnd('/'); !string.IsNullOrEmpty(path); path = path[..path.LastIndexOf('/')])
        {
            yield return $"{Root}{path}/memory.max";
        }
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Each kind of system has some of the files.
            return null;
        }
    }
}
