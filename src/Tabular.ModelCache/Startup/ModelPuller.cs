using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Startup;

/// <summary>Pulls a stale model under its lease, or waits until another instance has.</summary>
internal sealed class ModelPuller(
    ModelCacheStatusHolder holder,
    ManifestReader manifests,
    LeaseManager leases,
    ModelPublisher publisher,
    ModelCacheMetrics metrics,
    ModelCacheActivities activities,
    ModelCacheClock clock,
    ILogger<ModelCacheService> logger)
{
    private readonly LeaseWaiter _waiter = new(manifests, leases, clock);

    /// <summary>Waits until the manifest satisfies what is wanted, pulling it if nobody else does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="snapshot">The manifest in which it is stale.</param>
    /// <param name="stale">Why it is stale.</param>
    /// <param name="cancellationToken">Cancels the wait and the pull; the lease is given back.</param>
    /// <exception cref="ModelCacheException">The pull failed, or what is wanted cannot be had.</exception>
    public async Task<(ManifestVersion Version, CacheOutcome Outcome)> PullAsync(
        WantedModel model, ManifestSnapshot snapshot, string stale, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var candidate = leases.CreateCandidate(model.Name);
        var progress = new HolderProgress(model.Name, holder, metrics, clock.Time, logger);
        holder.EnterModel(model.Name, ModelCacheState.AcquiringLease, stale);
        while (true)
        {
            // Read first: the flip that everybody waits for makes the lease uninteresting.
            snapshot = await manifests.ReadIfChangedAsync(snapshot.Generation, cancellationToken).ConfigureAwait(false) ?? snapshot;
            var fresh = Freshness.Of(model, snapshot.Entry(model.Name));
            if (fresh.Failure is { } failure)
            {
                throw new ModelCacheException(failure);
            }

            if (fresh.Version is { } version)
            {
                metrics.RecordLeaseWait(model.Name, clock.Time.GetElapsedTime(began));
                return (version, progress.HasPulled ? CacheOutcome.Pulled : CacheOutcome.Waited);
            }

            var lease = await candidate.TryAcquireAsync(FloorOf(model, snapshot), cancellationToken).ConfigureAwait(false);
            if (lease is not null)
            {
                metrics.RecordLeaseWait(model.Name, clock.Time.GetElapsedTime(began));
                await using var owner = lease.ConfigureAwait(false);
                if (await TryPublishAsync(model, lease, progress, cancellationToken).ConfigureAwait(false) is { } result)
                {
                    return (result.Version, progress.HasPulled ? CacheOutcome.Pulled : CacheOutcome.Waited);
                }
            }
            else
            {
                holder.EnterModel(
                    model.Name,
                    ModelCacheState.AcquiringLease,
                    candidate.Holder is { } other ? $"waiting for {other.Host} to pull it (lease epoch {other.Epoch})" : stale);
            }

            await InlineWait.DelayAsync(candidate.NextTry, clock.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Brings one model up to its source, waiting for the lease as long as <paramref name="patience"/> lasts.</summary>
    /// <exception cref="ModelCacheException">The lease stayed busy (exit code 75), was lost, or the source or manifest stands in the way.</exception>
    /// <exception cref="Stores.ObjectStoreException">The store failed.</exception>
    public async Task<PublishResult> SyncAsync(WantedModel model, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var progress = new HolderProgress(model.Name, holder, metrics, clock.Time, logger);
        var lease = await _waiter.AcquireAsync(model.Name, patience, cancellationToken).ConfigureAwait(false);
        await using var owner = lease.ConfigureAwait(false);
        metrics.RecordLeaseWait(model.Name, clock.Time.GetElapsedTime(began));
        return await PublishAsync(model, PublishMode.Sync, lease, progress, cancellationToken).ConfigureAwait(false);
    }

    private static long FloorOf(WantedModel model, ManifestSnapshot snapshot) =>
        Attempt.TryParse(snapshot.Entry(model.Name)?.Attempt)?.Epoch ?? 0;

    /// <returns>What was published; <see langword="null"/> when the lease was lost and another process goes on.</returns>
    private async Task<PublishResult?> TryPublishAsync(
        WantedModel model, Lease lease, HolderProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return await PublishAsync(model, PublishMode.Start, lease, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelCacheException e) when (lease.Lost.IsCancellationRequested)
        {
            StartupLog.PullLost(logger, model.Name, e.Message);
            return null;
        }
    }

    private async Task<PublishResult> PublishAsync(
        WantedModel model, PublishMode mode, Lease lease, HolderProgress progress, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var activity = activities.Begin(ModelCacheActivities.Publish, model.Name);
        Exception? error = null;
        PublishResult? result = null;
        try
        {
            result = await publisher.PublishAsync(model, mode, lease, progress, cancellationToken).ConfigureAwait(false);
            return result;
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            if (result is not null)
            {
                activity?.SetTag(ModelCacheMetrics.VersionTag, result.Version.Version).SetTag(ModelCacheMetrics.ActionTag, ModelCacheMetrics.NameOf(result.Action));
            }

            ModelCacheActivities.End(activity, error);
            metrics.RecordPull(model.Name, clock.Time.GetElapsedTime(began), result?.Action, error);
        }
    }
}
