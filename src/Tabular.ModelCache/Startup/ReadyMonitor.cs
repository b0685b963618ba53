using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Startup;

/// <summary>Looks after an open gate: a dead mount turns health red, a store that does not answer does not.</summary>
internal sealed class ReadyMonitor(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    IModelMount mount,
    ManifestReader manifests,
    UpdateWatch updates,
    ModelCacheMetrics metrics,
    ModelCacheClock clock,
    ILogger<ModelCacheService> logger)
{
    // One failure alone is what a process sees that was stopped in the middle of a probe and continued after its deadline.
    private const int FailuresUntilRed = 2;

    // No object has this generation, so that the manifest is read.
    private const long Unknown = -1;

    public async Task RunAsync(long manifestGeneration, CancellationToken stopping)
    {
        // Not waited for at the end: a handler of the app may be at work in it.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _ = updates.RunAsync(end.Token);
        try
        {
            var failures = 0;
            manifestGeneration = updates.IsBehind ? Unknown : manifestGeneration;
            while (true)
            {
                await InlineWait.DelayAsync(options.Value.Mount.ProbeInterval, clock.Time, stopping).ConfigureAwait(false);
                failures = await ProbeAsync(failures, stopping).ConfigureAwait(false);
                manifestGeneration = await PollManifestAsync(manifestGeneration, stopping).ConfigureAwait(false);
            }
        }
        finally
        {
#pragma warning disable CA1849 // CancelAsync runs the callbacks on the thread pool, where a simulation could not follow.
            end.Cancel();
#pragma warning restore CA1849
        }
    }

    private async Task<int> ProbeAsync(int failures, CancellationToken stopping)
    {
        var began = clock.Time.GetTimestamp();
        try
        {
            await mount.ProbeAsync(stopping).ConfigureAwait(false);
            metrics.RecordProbe(clock.Time.GetElapsedTime(began), null);
            holder.Unhealthy = null;
            return 0;
        }
        catch (ModelCacheException e)
        {
            metrics.RecordProbe(clock.Time.GetElapsedTime(began), e);
            StartupLog.ProbeFailed(logger, failures + 1, e.Message);
            if (failures + 1 >= FailuresUntilRed)
            {
                holder.Unhealthy = e.Message;
                if (options.Value.Mount.StopHostWhenDead)
                {
                    throw;
                }
            }

            return failures + 1;
        }
    }

    private async Task<long> PollManifestAsync(long generation, CancellationToken stopping)
    {
        try
        {
            if (await manifests.ReadIfChangedAsync(generation, stopping).ConfigureAwait(false) is not { } snapshot)
            {
                return generation;
            }

            updates.Compare(snapshot);
            return snapshot.Generation;
        }
        catch (Exception e) when (e is ObjectStoreException or ModelCacheException)
        {
            StartupLog.ManifestPollFailed(logger, e.Message);
            return generation;
        }
    }
}
