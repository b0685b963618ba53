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
    /// <summary>Waits until the manifest satisfies what is wanted, pulling it if nobody else does.</summary>
    /// <exception cref="ModelCacheException">The pull failed, or what is wanted cannot be had.</exception>
    public async Task<(ManifestVersion Version, CacheOutcome Outcome)> PullAsync(
        WantedModel model, string stale, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var candidate = leases.CreateCandidate(model.Name);
        var progress = new HolderProgress(model.Name, holder, clock.Time, logger);
        holder.EnterModel(model.Name, ModelCacheState.AcquiringLease, stale);
        while (true)
        {
            // Read first: the flip that everybody waits for makes the lease uninteresting.
            var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
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

            var floor = Attempt.TryParse(snapshot.Entry(model.Name)?.Attempt)?.Epoch ?? 0;
            var lease = await candidate.TryAcquireAsync(floor, cancellationToken).ConfigureAwait(false);
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

            await Task.Delay(candidate.NextTry, clock.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>What was published; <see langword="null"/> when the lease was lost and another process goes on.</returns>
    private async Task<PublishResult?> TryPublishAsync(
        WantedModel model, Lease lease, HolderProgress progress, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var activity = activities.Begin(ModelCacheActivities.Publish, model.Name);
        Exception? error = null;
        try
        {
            var result = await publisher.PublishAsync(model, PublishMode.Start, lease, progress, cancellationToken).ConfigureAwait(false);
            metrics.RecordPulledBytes(model.Name, result.BytesPulled);
            return result;
        }
        catch (ModelCacheException e) when (lease.Lost.IsCancellationRequested)
        {
            error = e;
            StartupLog.PullLost(logger, model.Name, e.Message);
            return null;
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            ModelCacheActivities.End(activity, error);
            metrics.RecordPull(model.Name, clock.Time.GetElapsedTime(began), error);
        }
    }
}
