using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Startup;

/// <summary>Verifies another version of a model that is served, and serves it from then on; never pulls, never closes the gate.</summary>
internal sealed class UpdateSwitch(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    ModelCacheGate gate,
    IModelMount mount,
    ManifestReader manifests,
    VersionWaiter waiter,
    ModelCacheClock clock,
    ILogger<ModelCacheService> logger)
{
    public TimeProvider Clock => clock.Time;

    /// <summary>When what did not succeed is tried for the second time.</summary>
    public TimeSpan FirstPause => options.Value.Mount.ProbeInterval;

    /// <summary>Tries once to serve what is wanted.</summary>
    /// <param name="model">The model; it is served.</param>
    /// <param name="wanted">The version that the manifest has for it.</param>
    /// <param name="reported">The version whose refusal was logged last, which is not told again.</param>
    /// <param name="cancellationToken">Cancels the try; what is served stays.</param>
    /// <returns>Whether nothing is left to do, and otherwise the version that was refused, if it was looked at to the end.</returns>
    public async Task<(bool IsSettled, ManifestVersion? Refused)> TryAsync(
        WantedModel model, ManifestVersion? wanted, ManifestVersion? reported, CancellationToken cancellationToken)
    {
        if (holder.FindModel(model.Name) is not { } served)
        {
            return (true, null);
        }

        if (wanted is null || wanted.Version == served.Version)
        {
            Stay(served, isWanted: wanted is not null);
            return (true, null);
        }

        // A version pin means one version; only an instance that could not serve it at its start has somewhere to go.
        if (model.Version is not null && served.Outcome != CacheOutcome.Fallback)
        {
            return (true, null);
        }

        try
        {
            var problem = await waiter.WaitAsync(
                model, wanted, options.Value.Mount.LagTimeout, _ => Task.FromResult(false), cancellationToken, isShown: false).ConfigureAwait(false);

            // It may have been pruned, or the manifest flipped, since it was looked at: then there is nothing to switch to, or to complain of.
            var entry = (await manifests.ReadAsync(cancellationToken).ConfigureAwait(false)).Entry(model.Name);
            if (Freshness.Of(model, entry).Version is not { } now || !ManifestVersion.SameContent(now, wanted))
            {
                return (false, null);
            }

            if (problem is not null)
            {
                Refuse(served, wanted, problem, reported);
                return (false, wanted);
            }
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            // Neither the mount nor the store says anything of the version; the probe tells of a dead mount.
            StartupLog.UpdatePostponed(logger, model.Name, wanted.Version, e.Message);
            return (false, null);
        }
#pragma warning disable CA1031 // A defect here must not end an instance that serves a good version.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            StartupLog.UpdateFailed(logger, model.Name, wanted.Version, e);
            return (false, null);
        }

        await SwitchAsync(model, wanted, served).ConfigureAwait(false);
        return (true, null);
    }

    private async Task SwitchAsync(WantedModel model, ManifestVersion wanted, CachedModel served)
    {
        var current = new CachedModel(
            model.Name, model.Kind, wanted.Version, Path.Combine(mount.Root, wanted.Path), wanted.Bytes, OutcomeAfter(served), served.CacheHit);
        holder.ModelReady(current, null);
        StartupLog.ModelUpdated(logger, model.Name, current.Version, served.Version, current.Path);
        await gate.RaiseUpdatedAsync(served, current).ConfigureAwait(false);
    }

    /// <summary>What is served is what is wanted, or nothing is.</summary>
    private void Stay(CachedModel served, bool isWanted)
    {
        if (isWanted && served.Outcome == CacheOutcome.Fallback)
        {
            holder.ModelReady(
                new CachedModel(served.Name, served.Kind, served.Version, served.Path, served.Bytes, OutcomeAfter(served), served.CacheHit), null);
        }
        else
        {
            holder.MarkRefused(served, null);
        }
    }

    private void Refuse(CachedModel served, ManifestVersion wanted, string problem, ManifestVersion? reported)
    {
        var reason = $"the version {wanted.Version} of the model '{served.Name}', which is wanted now, failed its verification and {served.Version} stays served: {problem}";
        holder.MarkRefused(served, reason);
        if (reported is null || !ManifestVersion.SameContent(reported, wanted))
        {
            StartupLog.UpdateRefused(logger, served.Name, wanted.Version, served.Version, problem);
        }
    }

    // The number of cache_hit=false is the number of downloads, and following downloads nothing: what was said of the start stays.
    private static CacheOutcome OutcomeAfter(CachedModel served) =>
        served.Outcome == CacheOutcome.Fallback ? CacheOutcome.Waited : served.Outcome;
}
