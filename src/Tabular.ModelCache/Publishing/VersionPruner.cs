using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Removes what nobody needs: in two steps, a flip that moves a version to <c>doomed</c> and then its objects, so that a former holder
/// that still wants to activate it finds its entry changed.
/// </summary>
internal sealed class VersionPruner(IObjectStore store, ManifestFlipper flipper, RetentionOptions retention, ILogger<VersionPruner> logger)
{
    /// <summary>Which versions retention lets go of, oldest first.</summary>
    /// <param name="entry">The entry of the model.</param>
    /// <param name="storeTime">The time by the store's clock.</param>
    /// <param name="sourceDigest">
    /// What the source is at, if that is known: it is kept even if it may not become active by itself, because the next run would pull it
    /// again, and would not know any more that it was active before.
    /// </param>
    public IReadOnlyList<ManifestVersion> FindExpired(ManifestEntry entry, DateTimeOffset storeTime, string? sourceDigest = null)
    {
        var pinned = entry.Versions.Where(v => entry.Pins.Contains(v.Version, StringComparer.Ordinal)).ToList();
        var expired = new List<ManifestVersion>();
        var counted = 0;
        foreach (var version in entry.Versions)
        {
            // A damaged version that was published again is kept for those who still read it, and does not count beside its successor.
            var isSpare = entry.IsSuperseded(version) ||
                (++counted > retention.Keep && (sourceDigest is null || !DigestText.Same(version.Source.Digest, sourceDigest)) &&
                    !pinned.Any(p => p.Checksums == version.Checksums));
            if (isSpare && version.Version != entry.Active && !pinned.Contains(version) &&
                (version.RetiredAt is not { } retired || IsOver(storeTime - retired)))
            {
                expired.Insert(0, version);
            }
        }

        return expired;
    }

    // The time of the store is known only as well as this machine's clock runs, and may lie before what another run took it for.
    private bool IsOver(TimeSpan retiredFor) => retention.GracePeriod == TimeSpan.Zero || retiredFor >= retention.GracePeriod;

    /// <summary>What a run would remove now: the same for one that only tells it.</summary>
    public PrunePlan Plan(ManifestEntry? entry, DateTimeOffset storeTime, string? sourceDigest, Leftovers leftovers) =>
        entry is null
            ? PrunePlan.Empty
            : new PrunePlan(
                FindExpired(entry, storeTime, sourceDigest),
                [.. leftovers.Versions.Where(v => entry.Find(v.Version) is null && !entry.IsDoomed(v.Version)).DistinctBy(v => v.Version)],
                entry.Doomed,
                leftovers.Objects);

    /// <summary>Removes expired versions, versions that a dead run made and nobody activated, and the staging of older epochs.</summary>
    /// <returns>What was removed.</returns>
    public async Task<PrunePlan> TidyAsync(
        string model, ManifestSnapshot snapshot, string? sourceDigest, Leftovers leftovers, Lease lease, CancellationToken cancellationToken)
    {
        var plan = Plan(snapshot.Entry(model), lease.StoreTime, sourceDigest, leftovers);
        if (snapshot.Entry(model) is not { } entry)
        {
            return plan;
        }

        var doomed = plan.Leaving;
        if (doomed.Count > 0)
        {
            // Entries of earlier runs whose folders are empty leave the manifest with a flip that is made anyway. Those of this run stay:
            // a paused process may still drop an object into the folder, and then the next run knows whose it is.
            var emptied = await DeleteAsync(model, plan.Doomed, lease, cancellationToken).ConfigureAwait(false);
            var names = doomed.Select(d => d.Version).ToHashSet(StringComparer.Ordinal);
            snapshot = await flipper.FlipAsync(
                model,
                snapshot,
                now => entry with
                {
                    Attempt = lease.Attempt.ToString(),
                    Versions = [.. entry.Versions.Where(v => !names.Contains(v.Version))],
                    Doomed =
                    [
                        .. doomed.Select(d => new DoomedVersion { Version = d.Version, Path = d.Path, DoomedAt = now }),
                        .. plan.Doomed.Where(d => !emptied.Contains(d.Version)),
                    ],
                },
                lease,
                cancellationToken).ConfigureAwait(false);
        }

        // Records go last among what a dead run left: while one is there, what it names has an owner.
        await DeleteAsync(model, snapshot.Entry(model)!.Doomed, lease, cancellationToken).ConfigureAwait(false);
        await VersionFolder.DeleteAsync(store, plan.Leftovers, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false);
        await DeleteOwnStagingAsync(model, lease, cancellationToken).ConfigureAwait(false);
        if (doomed.Count > 0)
        {
            PublishLog.Pruned(logger, model, string.Join(", ", doomed.Select(d => d.Version)));
        }

        return plan;
    }

    /// <summary>Empties the folder of a doomed version and takes it off the list, so that the same name may be published again.</summary>
    /// <exception cref="ModelCacheException">The folder does not become empty.</exception>
    public async Task<ManifestSnapshot> FinishDeletionAsync(
        string model, ManifestSnapshot snapshot, string version, Lease lease, CancellationToken cancellationToken)
    {
        var entry = snapshot.Entry(model)!;
        var doomed = entry.Doomed.Single(d => d.Version == version);
        for (var attempt = 0; !await DeleteAsync(model, doomed, lease, cancellationToken).ConfigureAwait(false); attempt++)
        {
            if (attempt == 3)
            {
                throw new ModelCacheException(
                    $"{store.DisplayName}/{doomed.Path} is being deleted and does not become empty; somebody writes to it. Run the sync again.");
            }
        }

        return await flipper.FlipAsync(
            model,
            snapshot,
            _ => entry with { Attempt = lease.Attempt.ToString(), Doomed = [.. entry.Doomed.Where(d => d.Version != version)] },
            lease,
            cancellationToken).ConfigureAwait(false);
    }

    private Task<bool> DeleteAsync(string model, DoomedVersion doomed, Lease lease, CancellationToken cancellationToken) =>
        new VersionFolder(store, doomed.Path).DeleteAsync(
            () => flipper.ThrowUnlessDoomedAsync(model, doomed.Version, lease, cancellationToken), lease.ThrowIfLost, cancellationToken);

    private async Task<HashSet<string>> DeleteAsync(string model, IEnumerable<DoomedVersion> doomed, Lease lease, CancellationToken cancellationToken)
    {
        var emptied = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in doomed)
        {
            if (await DeleteAsync(model, version, lease, cancellationToken).ConfigureAwait(false))
            {
                emptied.Add(version.Version);
            }
        }

        return emptied;
    }

    /// <summary>Removes what an attempt has staged itself and needs no more.</summary>
    public async Task DeleteOwnStagingAsync(string model, Lease lease, CancellationToken cancellationToken)
    {
        var own = new List<StoredObject>();
        await foreach (var item in store.ListAsync(new StagingArea(model, lease.Attempt).Prefix, cancellationToken).ConfigureAwait(false))
        {
            own.Add(item);
        }

        await VersionFolder.DeleteAsync(store, own, lease.ThrowIfLost, cancellationToken).ConfigureAwait(false);
    }
}
