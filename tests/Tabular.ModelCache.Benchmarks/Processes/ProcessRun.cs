using System.Diagnostics;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>One run of a program, from its start to its end.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="CpuSeconds">What it and its children computed, in seconds of one core.</param>
/// <param name="PeakBytes">The most memory it had in RAM, without its children.</param>
/// <param name="Output">What it wrote to standard output.</param>
internal sealed record ProcessRun(double Seconds, double CpuSeconds, long? PeakBytes, string Output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    /// <summary>The peak only rises, so that what is missed are the allocations of the last moment.</summary>
    private static readonly TimeSpan PeakInterval = TimeSpan.FromMilliseconds(20);

    private const int TailLength = 1000;

    private static readonly string[] KeptVariables = ["PATH", "HOME", "DOTNET_ROOT", "DOTNET_CLI_HOME", "TMPDIR"];

    /// <exception cref="BenchmarkException">It failed or did not end.</exception>
    public static async Task<ProcessRun> RunAsync(Command command, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Deadline);
        var cpu = ProcessStatistics.CpuSecondsOfEndedChildren();
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(StartInfo(command)) ?? throw new BenchmarkException($"'{command}' did not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var peak = WatchPeakAsync(process, timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            var seconds = watch.Elapsed.TotalSeconds;
            var computed = ProcessStatistics.CpuSecondsOfEndedChildren() - cpu;
            return process.ExitCode == 0
                ? new ProcessRun(seconds, computed, await peak, await output)
                : throw new BenchmarkException($"'{command}' should end with 0, but ended with {process.ExitCode}: {Tail(await error)}{Tail(await output)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchmarkException($"'{command}' should end within {Deadline}, but did not; give fewer --bytes.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>A log ends with what went wrong.</summary>
    private static string Tail(string text) => text.Length <= TailLength ? text : "..." + text[^TailLength..];

    /// <summary>Makes what starts a program whose output is read.</summary>
    public static ProcessStartInfo StartInfo(Command command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.Folder,
        };
        foreach (var name in start.Environment.Keys.Except(KeptVariables).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static async Task<long?> WatchPeakAsync(Process process, CancellationToken cancellationToken)
    {
        long? peak = null;
        while (!process.HasExited)
        {
            peak = ProcessStatistics.FindPeakBytes(process.Id) ?? peak;
            await Task.Delay(PeakInterval, cancellationToken);
        }

        return peak;
    }
}
