using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Startup;

/// <summary>Looks after an open gate: a dead mount turns health red, a store that does not answer does not.</summary>
internal sealed class ReadyMonitor(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    IModelMount mount,
    ManifestReader manifests,
    ModelCacheClock clock,
    ILogger<ModelCacheService> logger)
{
    // One failure alone is what a process sees that was stopped in the middle of a probe and continued after its deadline.
    private const int FailuresUntilRed = 2;

    public async Task RunAsync(long manifestGeneration, CancellationToken stopping)
    {
        var failures = 0;
        while (true)
        {
            await InlineWait.DelayAsync(options.Value.Mount.ProbeInterval, clock.Time, stopping).ConfigureAwait(false);
            failures = await ProbeAsync(failures, stopping).ConfigureAwait(false);
            manifestGeneration = await PollManifestAsync(manifestGeneration, stopping).ConfigureAwait(false);
        }
    }

    private async Task<int> ProbeAsync(int failures, CancellationToken stopping)
    {
        try
        {
            await mount.ProbeAsync(stopping).ConfigureAwait(false);
            holder.Unhealthy = null;
            return 0;
        }
        catch (ModelCacheException e)
        {
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

            Compare(snapshot);
            return snapshot.Generation;
        }
        catch (Exception e) when (e is ObjectStoreException or ModelCacheException)
        {
            StartupLog.ManifestPollFailed(logger, e.Message);
            return generation;
        }
    }

    private void Compare(ManifestSnapshot snapshot)
    {
        foreach (var model in WantedModel.From(options.Value))
        {
            if (holder.FindModel(model.Name) is not { } served)
            {
                continue;
            }

            var entry = snapshot.Entry(model.Name);
            var wanted = Freshness.Of(model, entry).Version?.Version;
            var gone = entry?.Find(served.Version) is null
                ? $"the version {served.Version} of the model '{model.Name}', which this instance serves, is no longer in the manifest; restart the instance"
                : null;
            var hasUpdate = wanted is not null && wanted != served.Version;
            if (hasUpdate && !holder.UpdatesAvailable.GetValueOrDefault(model.Name))
            {
                StartupLog.UpdateAvailable(logger, model.Name, wanted!, served.Version);
            }

            holder.MarkModel(model.Name, gone, hasUpdate);
        }
    }
}
