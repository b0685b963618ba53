using System.Net;
using System.Net.Sockets;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>Listens on the port that the <c>ollama</c> program was given, before the program does; the program then ends, and its next start goes on.</summary>
internal sealed class PortTaker : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly string _host;
    private readonly string _taken;
    private readonly FileSystemWatcher _watcher;
    private readonly TaskCompletionSource _told = new();
    private readonly Task _run;
    private TcpListener? _listener;

    /// <param name="folder">Where it and the program meet.</param>
    public PortTaker(string folder)
    {
        _host = Path.Join(folder, "host");
        _taken = Path.Join(folder, "taken");
        _watcher = new FileSystemWatcher(folder, Path.GetFileName(_host));
        _watcher.Renamed += (_, _) => _told.TrySetResult();
        _watcher.EnableRaisingEvents = true;
        _run = RunAsync();
    }

    /// <summary>Puts what waits for the port to be taken at the start of a program.</summary>
    /// <param name="program">A script for <c>/bin/sh</c>.</param>
    public void Prepend(string program)
    {
        const string First = "#!/bin/sh\n";
        var script =
            $"""
            if ! [ -e '{_taken}' ]; then
              echo "$OLLAMA_HOST" > '{_host}.new'; mv '{_host}.new' '{_host}'
              while ! [ -e '{_taken}' ]; do sleep 0.05; done
              exit 1
            fi

            """;
        File.WriteAllText(program, File.ReadAllText(program).Replace(First, First + script, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _told.TrySetCanceled();
        _listener?.Stop();
        await ((Task)_run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener?.Dispose();
        _watcher.Dispose();
    }

    private async Task RunAsync()
    {
        await _told.Task.WaitAsync(Deadline);
        _listener = new TcpListener(IPEndPoint.Parse((await File.ReadAllTextAsync(_host)).Trim()));
        _listener.Start();
        await File.WriteAllTextAsync(_taken, "");
        while (true)
        {
            (await _listener.AcceptTcpClientAsync()).Dispose();
        }
    }
}
