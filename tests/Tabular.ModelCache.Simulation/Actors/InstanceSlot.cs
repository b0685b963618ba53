using Tabular.ModelCache.Simulation.Engine;

namespace Tabular.ModelCache.Simulation.Actors;

/// <summary>One place of the service: an instance runs in it, and when that ends, the platform starts the next.</summary>
internal sealed class InstanceSlot(Simulation run, int number, ModelCacheOptions options)
{
    private Action _stop = () => { };

    public SimulatedProcess? Process { get; private set; }

    public bool IsReady => Process is { IsDead: false, IsReady: true };

    public void StartAfter(TimeSpan delay) => run.Time.After(delay, null, "start", Start);

    /// <summary>Tells the instance to stop, as SIGTERM does; eight seconds later it is killed.</summary>
    public void Stop()
    {
        if (Process is not { IsDead: false } process)
        {
            return;
        }

        run.Time.After(TimeSpan.Zero, process, "SIGTERM", _stop);
        run.Time.After(TimeSpan.FromSeconds(8), process, "SIGKILL", () => End(process));
    }

    private void Start()
    {
        var stopping = new CancellationTokenSource();
        _stop = stopping.Cancel;
        var process = run.CreateProcess($"instance {number}", run.PinsOf(options), isOperator: false);
        process.Crashed = Restart;
        process.Follows = options.FollowUpdates;
        Process = process;
        var parts = new ProcessParts(run, process, options, run.NewRandom());
        run.Time.After(TimeSpan.Zero, process, "run", () => _ = RunAsync(process, parts, stopping.Token));
    }

    private async Task RunAsync(SimulatedProcess process, ProcessParts parts, CancellationToken stopping)
    {
        try
        {
            var generation = await parts.Sequence.RunAsync(stopping).ConfigureAwait(false);
            await parts.Monitor.RunAsync(generation, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // Every error is looked at.
        catch (Exception e)
#pragma warning restore CA1031
        {
            run.OnInstanceFailed(process, e);
        }

        End(process);
    }

    private void End(SimulatedProcess process)
    {
        process.Kill();
        Restart();
    }

    private void Restart() => StartAfter(TimeSpan.FromSeconds(1 + (run.Random.NextDouble() * 10)));
}
