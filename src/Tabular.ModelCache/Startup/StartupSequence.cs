using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Startup;

/// <summary>The start of an instance: mount, manifest, models; all within one deadline, whose end says what was waited for.</summary>
internal sealed class StartupSequence(
    IOptions<ModelCacheOptions> options,
    ModelCacheStatusHolder holder,
    IModelMount mount,
    ManifestReader manifests,
    ModelCachePlaces places,
    ModelStarter starter,
    ModelCacheMetrics metrics,
    ModelCacheActivities activities,
    ModelCacheClock clock,
    ILogger<ModelCacheService> logger,
    EarlyManifest? early = null)
{
    /// <summary>Runs the start once.</summary>
    /// <returns>The generation of the manifest that it was decided by.</returns>
    /// <exception cref="ModelCacheException">The instance may not serve; the message is one line.</exception>
    /// <exception cref="OperationCanceledException">The host is stopping.</exception>
    public async Task<long> RunAsync(CancellationToken stopping)
    {
        var began = clock.Time.GetTimestamp();
        var activity = activities.Begin(ModelCacheActivities.Start);
        Exception? error = null;
        using var deadline = new CancellationTokenSource(options.Value.StartupDeadline, clock.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            return await RunCoreAsync(began, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            var status = holder.Current;
            error = new ModelCacheException(
                $"The start did not finish within {options.Value.StartupDeadline} (ModelCache:StartupDeadline); it was in the state {status.State}" +
                $"{(status.Reason is null ? "" : ", " + status.Reason)}.",
                e);
            throw error;
        }
        catch (ObjectStoreException e)
        {
            error = new ModelCacheException(e.Message, e);
            throw error;
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            if (holder.Current is { CacheHit: { } cacheHit, Outcome: { } outcome })
            {
                activity?.SetTag(ModelCacheMetrics.CacheHitTag, cacheHit).SetTag(ModelCacheMetrics.OutcomeTag, ModelCacheMetrics.NameOf(outcome));
            }

            ModelCacheActivities.End(activity, stopping.IsCancellationRequested ? null : error);
            if (error is not null && !stopping.IsCancellationRequested)
            {
                metrics.RecordStartup(clock.Time.GetElapsedTime(began), error);
            }
        }
    }

    private async Task<long> RunCoreAsync(long began, CancellationToken cancellationToken)
    {
        var snapshot = await CheckAndReadAsync(cancellationToken).ConfigureAwait(false);
        holder.Enter(ModelCacheState.Verifying);

        // The first failure ends the others, so that their leases are given back before the process goes.
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var models = WantedModel.From(options.Value).Select(m => StartAsync(m)).ToList();
        try
        {
            await Task.WhenAll(models).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Cancelled by the failure of another model, which is what there is to tell.
            await models.First(m => m.IsFaulted).ConfigureAwait(false);
        }

        // Whoever waits for the gate finds what is told of the start already told.
        metrics.RecordStartup(clock.Time.GetElapsedTime(began), null);
        var status = holder.Current;
        StartupLog.InstanceReady(
            logger, status.CacheHit == true, status.Outcome ?? CacheOutcome.Hit, (long)clock.Time.GetElapsedTime(began).TotalMilliseconds);
        holder.Open();
        return snapshot.Generation;

        async Task StartAsync(WantedModel model)
        {
            try
            {
                await starter.StartAsync(model, snapshot, began, failed.Token).ConfigureAwait(false);
            }
            catch
            {
#pragma warning disable CA1849 // CancelAsync runs the callbacks on the thread pool, where a simulation could not follow.
                failed.Cancel();
#pragma warning restore CA1849
                throw;
            }
        }
    }

    private async Task<ManifestSnapshot> CheckAndReadAsync(CancellationToken cancellationToken)
    {
        holder.Enter(ModelCacheState.CheckingMount, $"checking {mount.Root}");
        if (places.Store is null)
        {
            await mount.CheckAsync(cancellationToken).ConfigureAwait(false);
            holder.Enter(ModelCacheState.ReadingManifest, $"reading {manifests.DisplayName}");
            return await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        // The token and the manifest come from the bucket while the mount is looked at; what is wrong with the mount is told first.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = early is null ? manifests.ReadAsync(stop.Token) : early.TakeAsync(manifests, stop.Token);
        try
        {
            await mount.CheckAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
#pragma warning disable CA1849 // CancelAsync runs the callbacks on the thread pool, where a simulation could not follow.
            stop.Cancel();
#pragma warning restore CA1849
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        holder.Enter(ModelCacheState.ReadingManifest, $"reading {manifests.DisplayName}");
        return await reading.ConfigureAwait(false);
    }
}
