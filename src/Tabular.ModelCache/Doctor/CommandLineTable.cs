using System.Globalization;

namespace Tabular.ModelCache.Doctor;

/// <summary>The command lines of the processes that this one can see (proc_pid_cmdline(5)).</summary>
internal static class CommandLineTable
{
    private const int MostProcesses = 10_000;

    public static IReadOnlyList<IReadOnlyList<string>> Read()
    {
        var lines = new List<IReadOnlyList<string>>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc").Take(MostProcesses))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _) && ReadLine(folder) is { Length: > 0 } line)
                {
                    lines.Add(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A system without /proc shows no process.
            return [];
        }

        return lines;
    }

    private static string[]? ReadLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Join(folder, "cmdline")).TrimEnd('\0').Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
            return null;
        }
    }
}
