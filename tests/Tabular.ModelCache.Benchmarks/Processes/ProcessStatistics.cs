using System.Globalization;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>What proc(5) tells of a process.</summary>
internal static class ProcessStatistics
{
    /// <summary>USER_HZ, which is 100 for every program on Linux.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Gets what a process has computed so far, in seconds of one core: utime and stime.</summary>
    public static double CpuSeconds(int process) => Ticks($"/proc/{process}/stat", 14) / TicksPerSecond;

    /// <summary>Gets what the children of this process that have ended, and theirs, have computed: cutime and cstime.</summary>
    public static double CpuSecondsOfEndedChildren() => Ticks("/proc/self/stat", 16) / TicksPerSecond;

    /// <summary>Gets the most memory that a process has had in RAM: VmHWM; <see langword="null"/> when it has ended.</summary>
    public static long? FindPeakBytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Ticks(string path, int field)
    {
        var text = File.ReadAllText(path);

        // The second field is the program's name in parentheses, which may contain anything.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[field - 3], CultureInfo.InvariantCulture) + long.Parse(fields[field - 2], CultureInfo.InvariantCulture);
    }
}
