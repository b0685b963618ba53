using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Tabular.ModelCache.EndToEnd.Tests.Harness;

/// <summary>A running sample app: its log, its HTTP endpoints, its signals and its exit code.</summary>
internal sealed class TabularProcess : IAsyncDisposable
{
    private const string ListeningLine = "Now listening on: ";

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly Stopwatch _age = Stopwatch.StartNew();
    private readonly List<string> _output = [];
    private readonly List<TimeSpan> _times = [];
    private readonly List<string> _error = [];
    private HttpClient? _client;

    private TabularProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_gate)
            {
                return [.. _output];
            }
        }
    }

    public IReadOnlyList<string> Error
    {
        get
        {
            lock (_gate)
            {
                return [.. _error];
            }
        }
    }

    public IReadOnlyList<LogEntry> Log => LogEntry.Parse(Output);

    /// <summary>The most memory that the process has had in RAM so far (VmHWM of proc(5)).</summary>
    public long PeakMemoryBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Starts the app.</summary>
    /// <param name="environment">All its variables.</param>
    /// <param name="workingDirectory">Where it is started.</param>
    /// <param name="program">The path of <c>Tabular.dll</c>.</param>
    /// <param name="launcher">A program with arguments that becomes the app, such as <c>setpriv</c>; empty starts it at once.</param>
    /// <param name="arguments">The app's arguments.</param>
    public static TabularProcess Start(
        IReadOnlyDictionary<string, string> environment, string workingDirectory, string program, IReadOnlyList<string> launcher, params string[] arguments)
    {
        string[] command = [.. launcher, SampleProgram.DotNet, program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };

        // Nothing of the machine's own settings may reach the app.
        start.Environment.Clear();
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var process = new TabularProcess(new Process { StartInfo = start });
        process._process.OutputDataReceived += (_, line) => process.Add(process._output, line.Data, process._times);
        process._process.ErrorDataReceived += (_, line) => process.Add(process._error, line.Data);
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    /// <summary>When the first line of standard output with a text came, since the process was started.</summary>
    public TimeSpan TimeOf(string text)
    {
        lock (_gate)
        {
            var line = _output.FindIndex(l => l.Contains(text, StringComparison.Ordinal));
            return line >= 0 ? _times[line] : throw new InvalidOperationException($"There is no output '{text}'.{Transcript}");
        }
    }

    /// <summary>Whether somebody accepts connections at the app's address.</summary>
    public async Task<bool> IsListeningAsync()
    {
        var address = (await GetClientAsync()).BaseAddress!;
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
        {
            // Reset is what a connection gets that was waiting to be accepted when the port was closed.
            return false;
        }
    }

    public void Send(int signal) => Signal.Send(Id, signal);

    /// <summary>Stops the process with SIGSTOP; when this returns, none of its threads runs any more.</summary>
    public void Pause()
    {
        Send(Signal.Stop);
        SpinWait.SpinUntil(() => HasExited || Directory.EnumerateDirectories($"/proc/{Id}/task").All(IsStopped), Poll.Deadline)
            .Should().BeTrue("a stopped process stands still");
    }

    /// <summary>Waits for a line of standard output.</summary>
    public Task<string> WaitForOutputAsync(string text, TimeSpan? deadline = null) =>
        ForAsync(
            () => Task.FromResult(Output.FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal))), $"the output '{text}'", deadline: deadline);

    /// <summary>Waits for a line of standard error, where a command's log goes.</summary>
    public Task<string> WaitForErrorAsync(string text) =>
        ForAsync(() => Task.FromResult(Error.FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal))), $"the error output '{text}'");

    /// <summary>Where it listens.</summary>
    public async Task<Uri> GetAddressAsync() => (await GetClientAsync()).BaseAddress!;

    /// <summary>Sends a request with a header.</summary>
    public async Task GetAsync(string path, string header, string value)
    {
        var client = await GetClientAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { { header, value } } };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public async Task<Health> GetHealthAsync()
    {
        var client = await GetClientAsync();
        using var response = await client.GetAsync(new Uri("healthz", UriKind.Relative), TestContext.Current.CancellationToken);
        return new Health(response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>Asks <c>/healthz</c> until an answer is as wanted.</summary>
    public async Task<Health> WaitForHealthAsync(Func<Health, bool> isWanted, string what, TimeSpan? deadline = null)
    {
        Health? last = null;
        return await ForAsync(
            async () =>
            {
                last = await GetHealthAsync();
                return isWanted(last) ? last : null;
            },
            what,
            () => $"the last answer was {last}",
            deadline);
    }

    public Task<Health> WaitForStateAsync(string state) => WaitForHealthAsync(h => h.State == state, $"the state {state}");

    public async Task<Health> WaitUntilReadyAsync(TimeSpan? deadline = null)
    {
        var health = await WaitForHealthAsync(h => h.Code == System.Net.HttpStatusCode.OK, "200 from /healthz", deadline);
        health.State.Should().Be("ready");
        return health;
    }

    public async Task<IReadOnlyList<ServedModel>> GetModelsAsync()
    {
        var client = await GetClientAsync();
        var models = await client.GetFromJsonAsync<JsonElement>(new Uri("models", UriKind.Relative), TestContext.Current.CancellationToken);
        return
        [
            .. models.EnumerateArray().Select(m => new ServedModel(
                m.GetProperty("name").GetString()!,
                m.GetProperty("version").GetString()!,
                m.GetProperty("path").GetString()!,
                m.GetProperty("bytes").GetInt64(),
                m.GetProperty("cache_hit").GetBoolean(),
                m.GetProperty("environment").Deserialize<Dictionary<string, string>>()!)),
        ];
    }

    /// <summary>The metrics in the text format of Prometheus, where <c>METRICS_PATH</c> is <c>/metrics</c>.</summary>
    public async Task<string> GetMetricsAsync() =>
        await (await GetClientAsync()).GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken);

    public async Task<JsonElement> WarmUpAsync()
    {
        var client = await GetClientAsync();
        using var response = await client.PostAsync(new Uri("warmup", UriKind.Relative), null, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end, and for the rest of the output.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan? deadline = null)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(deadline ?? Poll.Deadline);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The process did not exit within {deadline ?? Poll.Deadline}.{Transcript}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (!_process.HasExited)
        {
            Send(Signal.Kill);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>All output so far, for the message of a failed test.</summary>
    public string Transcript => $"\n--- output of process {Id}\n{string.Join('\n', Output)}\n--- errors\n{string.Join('\n', Error)}\n---";

    private async Task<HttpClient> GetClientAsync()
    {
        if (_client is null)
        {
            // A quote ends the address where the line is JSON.
            var line = await WaitForOutputAsync(ListeningLine);
            var address = new Uri(line[(line.IndexOf(ListeningLine, StringComparison.Ordinal) + ListeningLine.Length)..].Split('"')[0]);
            address.Host.Should().Be("127.0.0.1");
            _client ??= new HttpClient { BaseAddress = address, Timeout = Poll.Deadline };
        }

        return _client;
    }

    private Task<T> ForAsync<T>(Func<Task<T?>> probe, string what, Func<string>? more = null, TimeSpan? deadline = null)
        where T : class =>
        Poll.ForAsync(
            async () => await probe() ?? (HasExited
                ? throw new InvalidOperationException($"The process exited with {_process.ExitCode}; expected was {what}.{Transcript}")
                : null),
            () => $"{what}; {more?.Invoke()}{Transcript}",
            deadline);

    /// <summary>Whether a thread is in the state T of proc_pid_stat(5), which follows its name in parentheses, or is gone.</summary>
    private static bool IsStopped(string task)
    {
        try
        {
            var stat = File.ReadAllText($"{task}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            return true;
        }
    }

    private void Add(List<string> lines, string? line, List<TimeSpan>? times = null)
    {
        if (line is not null)
        {
            lock (_gate)
            {
                lines.Add(line);
                times?.Add(_age.Elapsed);
            }
        }
    }
}
