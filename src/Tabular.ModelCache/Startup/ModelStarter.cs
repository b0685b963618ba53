using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Startup;

/// <summary>Brings one model to ready: a hit, a pull, a wait for somebody else's pull, or an older version where that is allowed.</summary>
internal sealed class ModelStarter(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    IModelMount mount,
    ManifestReader manifests,
    VersionWaiter waiter,
    Lazy<ModelPuller> puller,
    ModelCachePlaces places,
    ModelCacheMetrics metrics,
    ModelCacheClock clock,
    SettingPath path,
    ILogger<ModelCacheService> logger)
{
    // How often a start follows a manifest that changes under it.
    private const int MostChanges = 3;

    // What is left of the start's deadline for an older version, when the wanted one does not appear.
    private const double ShareForWaiting = 0.75;

    public async Task StartAsync(WantedModel model, ManifestSnapshot snapshot, long began, CancellationToken cancellationToken)
    {
        var entry = snapshot.Entry(model.Name);
        var (version, outcome, failure) = await ObtainAsync(model, snapshot, cancellationToken).ConfigureAwait(false);
        for (var change = 0; version is not null; change++)
        {
            failure = await waiter.WaitAsync(
                model, version, PatienceFor(began, OlderThan(entry, version).Any()), token => IsSupersededAsync(model, version, token), cancellationToken).ConfigureAwait(false);
            if (failure is null)
            {
                Finish(model, version, outcome, null);
                return;
            }

            // The manifest may have moved on since it was read: what was wanted then may have been pruned, or made again.
            entry = (await manifests.ReadAsync(cancellationToken).ConfigureAwait(false)).Entry(model.Name);
            var newer = Freshness.Of(model, entry).Version;
            if (newer is null || change == MostChanges || ManifestVersion.SameContent(newer, version))
            {
                break;
            }

            version = newer;
        }

        if (options.Value.FallbackToPreviousVersion)
        {
            foreach (var older in OlderThan(entry, version))
            {
                if (await waiter.WaitAsync(model, older, TimeSpan.Zero, _ => Task.FromResult(false), cancellationToken).ConfigureAwait(false) is null)
                {
                    StartupLog.FellBack(logger, model.Name, older.Version, failure!);
                    Finish(model, older, CacheOutcome.Fallback, failure);
                    return;
                }
            }
        }

        holder.EnterModel(model.Name, ModelCacheState.Failed, failure);
        throw new ModelCacheException(failure!);
    }

    private async Task<(ManifestVersion? Version, CacheOutcome Outcome, string? Failure)> ObtainAsync(
        WantedModel model, ManifestSnapshot snapshot, CancellationToken cancellationToken)
    {
        var fresh = Freshness.Of(model, snapshot.Entry(model.Name));
        if (fresh.Version is { } version)
        {
            return (version, CacheOutcome.Hit, null);
        }

        if (fresh.Failure is { } failure)
        {
            return (null, default, failure);
        }

        if (places.Store is null)
        {
            return (null, default, $"{Capitalize(fresh.Stale!)}, and the shared volume {mount.Root} is read only because {path.Key("Bucket")} is not set; " +
                $"set {path.Key("Bucket")}, or run the sync job where it is set.");
        }

        if (!options.Value.PullWhenStale)
        {
            return (null, default, $"{Capitalize(fresh.Stale!)}, and {path.Key("PullWhenStale")} is false; run the sync job.");
        }

        try
        {
            var (pulled, outcome) = await puller.Value.PullAsync(model, snapshot, fresh.Stale!, cancellationToken).ConfigureAwait(false);
            return (pulled, outcome, null);
        }
        catch (Exception e) when (options.Value.FallbackToPreviousVersion && e is ModelCacheException or Stores.ObjectStoreException)
        {
            return (null, default, e.Message);
        }
    }

    private void Finish(WantedModel model, ManifestVersion version, CacheOutcome outcome, string? reason)
    {
        var cached = new CachedModel(
            model.Name, model.Kind, version.Version, Path.Combine(mount.Root, version.Path), version.Bytes, outcome, cacheHit: !holder.HasPulled(model.Name));
        holder.ModelReady(cached, reason);
        metrics.RecordRequest(model.Name, outcome, cached.CacheHit);
        StartupLog.ModelReady(logger, cached);
    }

    private async Task<bool> IsSupersededAsync(WantedModel model, ManifestVersion version, CancellationToken cancellationToken)
    {
        var entry = (await manifests.ReadAsync(cancellationToken).ConfigureAwait(false)).Entry(model.Name);
        return Freshness.Of(model, entry).Version is { } wanted && !ManifestVersion.SameContent(wanted, version);
    }

    private static IEnumerable<ManifestVersion> OlderThan(ManifestEntry? entry, ManifestVersion? version) =>
        entry?.Versions.Where(v => v.Version != version?.Version) ?? [];

    private TimeSpan PatienceFor(long began, bool hasOlder)
    {
        var lag = options.Value.Mount.LagTimeout;
        if (!options.Value.FallbackToPreviousVersion || !hasOlder)
        {
            return lag;
        }

        var most = (options.Value.StartupDeadline * ShareForWaiting) - clock.Time.GetElapsedTime(began);
        return most < lag ? (most > TimeSpan.Zero ? most : TimeSpan.Zero) : lag;
    }

    private static string Capitalize(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
