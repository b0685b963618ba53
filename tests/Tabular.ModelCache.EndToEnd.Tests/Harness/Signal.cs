using System.Runtime.InteropServices;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>The signals of Linux that tests send (signal(7)).</summary>
internal static partial class Signal
{
    public const int Hangup = 1;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    public static void Send(int processId, int signal)
    {
        const int NoSuchProcess = 3;
        if (SendSignal(processId, signal) != 0 && Marshal.GetLastPInvokeError() is not NoSuchProcess and var error)
        {
            throw new InvalidOperationException($"kill({processId}, {signal}) failed with errno {error}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int processId, int signal);
}
