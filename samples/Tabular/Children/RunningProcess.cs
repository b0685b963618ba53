using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tabular.Children;

/// <summary>A process whose output goes to the log.</summary>
internal sealed partial class RunningProcess : IChildProcess
{
    private const int SigTerm = 15;

    // After the end of the process its pipes may be held by one that it has started: what was written is read, the rest is not waited for.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Task _output;

    public RunningProcess(Process process, ILogger logger, TimeProvider time)
    {
        _time = time;
        _process = process;
        Id = process.Id;
        process.StandardInput.Close();
        var lines = new ChildOutput(line => ChildLog.Output(logger, line));
        _output = Task.WhenAll(lines.ReadAsync(process.StandardOutput), lines.ReadAsync(process.StandardError));
        Exited = WaitAsync();
    }

    public int Id { get; }

    public Task<int> Exited { get; }

    public void Terminate()
    {
        if (OperatingSystem.IsWindows())
        {
            Kill();
        }
        else if (!_process.HasExited)
        {
            // It fails for one that has just ended, and that is what was wanted.
            _ = SendSignal(Id, SigTerm);
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // Gone already, wholly or in part; what is not gone is seen by who waits for it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _output.WaitAsync(OutputGrace, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
