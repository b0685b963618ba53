using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A running <c>ollama serve</c> of our own, on this machine alone, with a store of its own. It ends when disposed.</summary>
internal sealed class OllamaServer : IAsyncDisposable
{
    private const int Terminate = 15;

    private readonly Process _process;
    private readonly OutputTail _output = new();
    private readonly OllamaProgramTimings _timings;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    private OllamaServer(Process process, int port, OllamaProgramTimings timings, TimeProvider time)
    {
        _process = process;
        _timings = timings;
        _time = time;
        _output.Follow(process);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public HttpClient Http => _http;

    /// <summary>Gets what it wrote last and whether it runs, as it stands in messages.</summary>
    public string Condition => (_process.HasExited ? $"it ended with exit code {_process.ExitCode}" : "it is running") + _output.Describe();

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="ModelCacheException">It cannot be started, or does not answer in time.</exception>
    public static async Task<OllamaServer> StartAsync(
        string program, string setting, string models, int port, OllamaProgramTimings timings, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, ["serve"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["OLLAMA_MODELS"] = models;
        start.Environment["OLLAMA_HOST"] = $"127.0.0.1:{port}";
        start.Environment["OLLAMA_NOPRUNE"] = "1";
        Process process;
        try
        {
            process = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        }
        catch (Win32Exception e)
        {
            throw new ModelCacheException($"The program '{program}' cannot be started: {e.Message.TrimEnd('.')}; {setting} must name an ollama program.", e);
        }

        var server = new OllamaServer(process, port, timings, time);
        try
        {
            await server.WaitUntilReadyAsync(program, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!OperatingSystem.IsWindows() && !_process.HasExited)
        {
            // One that ended in this moment is what is wanted.
            _ = SendSignal(_process.Id, Terminate);
            await WaitForExitAsync().ConfigureAwait(false);
        }

        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(string program, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timings.Start, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            while (true)
            {
                // Another process may have taken the port, and ours ended over it.
                var answers = await AnswersAsync(either.Token).ConfigureAwait(false);
                if (_process.HasExited)
                {
                    // Its last words may still be on their way; the deadline bounds the wait for them.
                    await _process.WaitForExitAsync(either.Token).ConfigureAwait(false);
                    throw new ModelCacheException($"'{program} serve' did not start: {Condition}.");
                }

                if (answers)
                {
                    return;
                }

                await Task.Delay(_timings.Poll, _time, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelCacheException($"'{program} serve' did not answer within {_timings.Start.TotalSeconds:0.###} s; {Condition}.", e);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("api/version", UriKind.Relative), cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Not yet; the deadline and the exit of the process are what ends this.
            return false;
        }
    }

    private async Task WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(_timings.Stop, _time);
        try
        {
            await _process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller looks at whether it has ended.
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
