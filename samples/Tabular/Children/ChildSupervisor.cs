using Tabular.ModelCache;

namespace Tabular.Children;

/// <summary>Keeps one child running: starts it, probes it, starts it again after a failure or with another version, and stops it.</summary>
internal sealed class ChildSupervisor(
    ChildOptions options, IChildLauncher launcher, IChildProbe probe, ChildTimings timings, TimeProvider time, Random random, ILogger logger)
{
    private readonly ChildBackoff _backoff = new(timings, random);
    private volatile ChildStatus _status = new() { Since = time.GetUtcNow() };
    private volatile TaskCompletionSource _update = NewSignal();

    public ChildOptions Options => options;

    public ChildStatus Status => _status;

    /// <summary>Starts the child again with the model that is served now, unless it has that version already.</summary>
    public void Follow(CachedModel current)
    {
        if (_status.Version != current.Version)
        {
            _update.TrySetResult();
        }
    }

    /// <summary>Runs the child until it shall stop; then it is gone.</summary>
    /// <param name="model">What is served now; asked before each start.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Func<CachedModel> model, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Before the model is asked for: an update after that is seen by the signal.
            var update = _update = NewSignal();
            var start = time.GetTimestamp();
            if (await RunOnceAsync(model(), update.Task, stop) is { } failure)
            {
                var delay = _backoff.Next(time.GetElapsedTime(start));
                ChildLog.Failed(logger, options.Name, failure, delay.TotalSeconds);
                var wait = DelayAsync(delay, stop);
                Set(_status with { State = ChildState.BackingOff, ProcessId = null, Reason = failure });
                await wait;
                _status = _status with { Restarts = _status.Restarts + 1 };
            }
        }

        Set(_status with { State = ChildState.Stopped, ProcessId = null });
    }

    /// <returns>Why the child failed; <see langword="null"/> when it was stopped on purpose.</returns>
    private async Task<string?> RunOnceAsync(CachedModel model, Task update, CancellationToken stop)
    {
        IChildProcess process;
        try
        {
            process = launcher.Start(options, model.Environment);
        }
        catch (ChildStartException e)
        {
            return e.Message;
        }

        await using (process)
        {
            ChildLog.Started(logger, options.Name, process.Id, model.Version);
            Set(_status with { State = ChildState.Starting, ProcessId = process.Id, Version = model.Version });
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var watch = WatchAsync(watching.Token);
            var first = await Task.WhenAny(process.Exited, watch, update);
            watching.Cancel();
            var silence = await watch;
            var ended = process.Exited.IsCompleted;
            if (!ended)
            {
                await StopAsync(process, first == update ? "another version is served" : silence ?? "the app ends");
            }

            int? exitCode = process.Exited.IsCompleted ? await process.Exited : null;
            _status = _status with { LastExitCode = exitCode ?? _status.LastExitCode };
            return silence ?? (ended && !stop.IsCancellationRequested ? $"it ended with exit code {exitCode}" : null);
        }
    }

    /// <summary>Waits for the first answer of the probe, and then that it goes on answering.</summary>
    /// <returns>What is wrong; <see langword="null"/> when it was no longer wanted to know.</returns>
    private async Task<string?> WatchAsync(CancellationToken cancellationToken)
    {
        if (options.ProbeUrl is not { } url)
        {
            Set(_status with { State = ChildState.Running });
            await DelayAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            return null;
        }

        var start = time.GetTimestamp();
        var failures = 0;
        while (true)
        {
            var isRunning = _status.State == ChildState.Running;
            var answers = await AnswersAsync(url, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return null;
            }

            failures = answers ? 0 : failures + 1;
            if (answers && !isRunning)
            {
                ChildLog.Answers(logger, options.Name, url, time.GetElapsedTime(start).TotalSeconds);
                Set(_status with { State = ChildState.Running });
            }
            else if (isRunning && failures >= timings.ProbeFailures)
            {
                return $"it did not answer {url} {failures} times in a row";
            }
            else if (!answers && !isRunning && time.GetElapsedTime(start) >= timings.StartTimeout)
            {
                return $"it did not answer {url} within {timings.StartTimeout.TotalSeconds:0} s";
            }

            await DelayAsync(_status.State == ChildState.Running ? timings.ProbeInterval : timings.StartProbeInterval, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(Uri url, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timings.ProbeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await probe.AnswersAsync(url, both.Token);
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task StopAsync(IChildProcess process, string why)
    {
        ChildLog.Stopping(logger, options.Name, process.Id, why);
        var ends = EndsAsync(process, timings.TerminateGrace);
        process.Terminate();
        if (await ends)
        {
            return;
        }

        ChildLog.Killing(logger, options.Name, process.Id, timings.TerminateGrace.TotalSeconds);
        process.Kill();
        if (!await EndsAsync(process, timings.KillGrace))
        {
            ChildLog.Stuck(logger, options.Name, process.Id);
        }
    }

    private async Task<bool> EndsAsync(IChildProcess process, TimeSpan within)
    {
        try
        {
            await process.Exited.WaitAsync(within, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Set(ChildStatus status) => _status = status with { Since = time.GetUtcNow() };

    private static TaskCompletionSource NewSignal() => new();
}
