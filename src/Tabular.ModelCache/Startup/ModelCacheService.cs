using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Diagnostics;

namespace Tabular.ModelCache.Startup;

/// <summary>Runs the start in the background, so that the server answers 503 meanwhile, and ends the process when it fails.</summary>
internal sealed class ModelCacheService(
    StartupSequence sequence,
    ReadyMonitor monitor,
    ModelCacheStatusHolder holder,
    IOptions<ModelCacheOptions> options,
    IHostApplicationLifetime lifetime,
    IExitCodeSink exitCode,
    ILogger<ModelCacheService> logger) : BackgroundService
{
    private const string Stopping = "The host is stopping.";

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        holder.Stop();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var registration = lifetime.ApplicationStopping.Register(() => holder.Unhealthy = Stopping);

        // A host stops its services one after another, and a server drains its connections for seconds before it is this one's turn.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            var generation = await sequence.RunAsync(stop.Token).ConfigureAwait(false);
            await monitor.RunAsync(generation, stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsStopping(stoppingToken) && e is (OperationCanceledException or ModelCacheException))
        {
            // The host was told to stop: a normal end, whatever the state, and whatever failed since. It may come here before the
            // registration above was called, which is then taken back.
            holder.Unhealthy = Stopping;
        }
#pragma warning disable CA1031 // Whatever went wrong, the instance must not serve, and the process must say so with its exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await FailAsync(e, stoppingToken).ConfigureAwait(false);
        }
    }

    private bool IsStopping(CancellationToken stoppingToken) => stoppingToken.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested;

    private async Task FailAsync(Exception error, CancellationToken stoppingToken)
    {
        var expected = error is ModelCacheException;
        var reason = expected ? error.Message : $"Unexpected {error.GetType().Name}: {error.Message}";
        var stays = options.Value.FailureBehavior == ModelCacheFailureBehavior.StayUnready;
        if (!stays)
        {
            // Whoever sees the failure finds the exit code set.
            exitCode.Set(ModelCacheExitCodes.Failed);
        }

        holder.Enter(ModelCacheState.Failed, reason);

        // An expected failure is one line; the stack of a defect is worth its length.
        StartupLog.Failed(logger, reason, expected ? null : error);
        if (stays)
        {
            return;
        }

        // A host that is stopped before Kestrel is bound dies with 134 and a misleading exception (measured on .NET 10), so wait for the
        // start; also for its failure, which ends the process by itself.
        using var started = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStarted);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, started.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lifetime.StopApplication();
    }
}
