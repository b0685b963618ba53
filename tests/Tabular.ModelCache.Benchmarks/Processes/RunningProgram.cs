using System.Diagnostics;
using System.Net;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>A program that is watched while it runs, and ends when it is told to, or by itself.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private const int TailLines = 12;

    private readonly Command _command;
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<OutputLine> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningProgram(Command command)
    {
        _command = command;
        _process = new Process { StartInfo = ProcessRun.StartInfo(command), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.Exited += (_, _) => Add(null);
    }

    /// <summary>Gets when it was started, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long StartedAt { get; private set; }

    /// <summary>Gets when it was started.</summary>
    public DateTime StartedUtc { get; private set; }

    /// <summary>Gets what it has written so far.</summary>
    public IReadOnlyList<OutputLine> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public static RunningProgram Start(Command command)
    {
        var program = new RunningProgram(command) { StartedUtc = TimeProvider.System.GetUtcNow().UtcDateTime, StartedAt = Stopwatch.GetTimestamp() };
        if (!program._process.Start())
        {
            throw new BenchmarkException($"'{command}' did not start.");
        }

        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Measures until now.</summary>
    /// <param name="end">When it was ready, as a timestamp of <see cref="Stopwatch"/>.</param>
    public Measurement MeasureUntil(long end) => new(
        Stopwatch.GetElapsedTime(StartedAt, end).TotalSeconds,
        ProcessStatistics.CpuSeconds(_process.Id),
        0,
        ProcessStatistics.FindPeakBytes(_process.Id));

    /// <summary>Waits for the first line with a text.</summary>
    /// <exception cref="BenchmarkException">It ended before, or never wrote it.</exception>
    public async Task<OutputLine> WaitForLineAsync(string text, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Deadline);
        while (true)
        {
            // What it wrote at its end may not be read yet when it is gone.
            var hasEnded = _process.HasExited;
            if (hasEnded)
            {
                await _process.WaitForExitAsync(timeout.Token);
            }

            Task changed;
            lock (_gate)
            {
                if (_lines.Find(line => line.Text.Contains(text, StringComparison.Ordinal)) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            if (hasEnded)
            {
                throw Failure($"should write '{text}', but ended with {_process.ExitCode}");
            }

            await ((Task)changed.WaitAsync(timeout.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (timeout.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw Failure($"should write '{text}' within {Deadline}, but did not");
            }
        }
    }

    /// <summary>Asks an address until it answers 200.</summary>
    /// <returns>When it did, as a timestamp of <see cref="Stopwatch"/>.</returns>
    /// <exception cref="BenchmarkException">It ended before, or never did.</exception>
    public Task<long> WaitForSuccessAsync(HttpClient client, Uri address, CancellationToken cancellationToken) =>
        WaitForAnswerAsync(client, address, (status, _) => status == HttpStatusCode.OK, "200", cancellationToken);

    /// <summary>Asks an address until its answer has a text.</summary>
    /// <exception cref="BenchmarkException">It ended before, or never did.</exception>
    public Task WaitForTextAsync(HttpClient client, Uri address, string text, CancellationToken cancellationToken) =>
        WaitForAnswerAsync(client, address, (_, body) => body.Contains(text, StringComparison.Ordinal), $"'{text}'", cancellationToken);

    /// <summary>Ends it with SIGTERM.</summary>
    /// <exception cref="BenchmarkException">It did not end, or not with 0.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync(cancellationToken);
        }

        await WaitForEndAsync(cancellationToken);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <exception cref="BenchmarkException">It did not end, or not with 0.</exception>
    public async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Deadline);
        await ((Task)_process.WaitForExitAsync(timeout.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_process.HasExited || _process.ExitCode != 0)
        {
            throw Failure(_process.HasExited ? $"should end with 0, but ended with {_process.ExitCode}" : $"should end within {Deadline}, but did not");
        }
    }

    /// <summary>Ends it with SIGKILL.</summary>
    /// <returns>When, as a timestamp of <see cref="Stopwatch"/>.</returns>
    public long Kill()
    {
        _process.Kill();
        return Stopwatch.GetTimestamp();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task<long> WaitForAnswerAsync(
        HttpClient client, Uri address, Func<HttpStatusCode, string, bool> isExpected, string expected, CancellationToken cancellationToken)
    {
        while (!_process.HasExited && Stopwatch.GetElapsedTime(StartedAt) < Deadline)
        {
            try
            {
                using var answer = await client.GetAsync(address, cancellationToken);
                var answered = Stopwatch.GetTimestamp();
                if (isExpected(answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken)))
                {
                    return answered;
                }
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                // Nobody listens yet.
            }

            await Task.Delay(Interval, cancellationToken);
        }

        throw Failure($"should answer {address} with {expected} within {Deadline}, but did not");
    }

    private BenchmarkException Failure(string what) =>
        new($"'{_command}' {what}: {string.Join('\n', Lines.TakeLast(TailLines).Select(line => line.Text))}");

    private void Add(string? text)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (text is not null)
            {
                _lines.Add(new OutputLine(text, Stopwatch.GetTimestamp()));
            }

            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
