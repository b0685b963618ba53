using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Operations;

/// <summary>Removes, or tells, what is no longer needed of one model. Both go by the same plan.</summary>
internal sealed class CacheCleaner(IObjectStore store, ManifestStore manifests, VersionPruner pruner, LeaseWaiter leases, ModelCacheClock clock)
{
    public async Task<PruneResult> PruneAsync(string model, TimeSpan patience, CancellationToken cancellationToken)
    {
        var lease = await leases.AcquireAsync(model, patience, cancellationToken).ConfigureAwait(false);
        await using var owner = lease.ConfigureAwait(false);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        try
        {
            var snapshot = await manifests.ReadAsync(linked.Token).ConfigureAwait(false);
            if (snapshot.Entry(model) is not { } entry)
            {
                return new PruneResult { Name = model };
            }

            var unfinished = await FindUnfinishedAsync(entry, linked.Token).ConfigureAwait(false);
            var leftovers = await Leftovers.ReadAsync(store, model, entry.Kind, lease.Attempt, linked.Token).ConfigureAwait(false);
            var plan = await pruner.TidyAsync(model, snapshot, null, leftovers, lease, linked.Token).ConfigureAwait(false);
            return Describe(model, plan, unfinished);
        }
        catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            lease.ThrowIfLost();
            throw;
        }
    }

    /// <summary>Tells what a run would remove now. It takes no lease, so that of a holder at work only what is older than it counts.</summary>
    public async Task<PruneResult> PlanAsync(string model, CancellationToken cancellationToken)
    {
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (snapshot.Entry(model) is not { } entry)
        {
            return new PruneResult { Name = model };
        }

        var unfinished = await FindUnfinishedAsync(entry, cancellationToken).ConfigureAwait(false);
        var next = await NextAttemptAsync(model, entry, cancellationToken).ConfigureAwait(false);
        var leftovers = await Leftovers.ReadAsync(store, model, entry.Kind, next, cancellationToken).ConfigureAwait(false);

        // Without a write there is no answer that carries the store's time; for a forecast this machine's will do.
        return Describe(model, pruner.Plan(entry, clock.Time.GetUtcNow(), null, leftovers), unfinished);
    }

    private async Task<Attempt> NextAttemptAsync(string model, ManifestEntry entry, CancellationToken cancellationToken)
    {
        var known = Attempt.TryParse(entry.Attempt)?.Epoch ?? 0;
        var item = await store.GetAsync(LeaseManager.ObjectNameOf(model), cancellationToken: cancellationToken).ConfigureAwait(false);
        var state = item is null ? null : LeaseState.Read(item, LeaseTimings.LongestTtl);
        return new Attempt(state is { IsReleased: false } ? state.Epoch : Math.Max(known, state?.Epoch ?? 0) + 1, "none");
    }

    private async Task<IReadOnlyList<PrunedVersion>> FindUnfinishedAsync(ManifestEntry entry, CancellationToken cancellationToken)
    {
        var unfinished = new List<PrunedVersion>();
        foreach (var doomed in entry.Doomed)
        {
            var left = await new VersionFolder(store, doomed.Path).ListAsync(cancellationToken).ConfigureAwait(false);
            if (left.Count > 0)
            {
                unfinished.Add(new PrunedVersion { Version = doomed.Version, Cause = PruneCause.Unfinished, Bytes = left.Values.Sum(o => o.Size) });
            }
        }

        return unfinished;
    }

    private static PruneResult Describe(string model, PrunePlan plan, IReadOnlyList<PrunedVersion> unfinished) => new()
    {
        Name = model,
        Versions =
        [
            .. plan.Expired.Select(v => new PrunedVersion { Version = v.Version, Cause = PruneCause.Retention, Bytes = v.Bytes }),
            .. plan.Unused.Select(v => new PrunedVersion { Version = v.Version, Cause = PruneCause.Abandoned, Bytes = v.Bytes }),
            .. unfinished,
        ],
        Leftovers = plan.Leftovers.Count,
        LeftoverBytes = plan.Leftovers.Sum(o => o.Size),
    };
}
