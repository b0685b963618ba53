using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Commands;

/// <summary>What an operator does to the cache: look, sync, verify.</summary>
internal sealed class ModelCacheOperations(
    IOptions<ModelCacheOptions> options,
    ModelCachePlaces places,
    ManifestReader manifests,
    IModelMount mount,
    VersionVerifier verifier,
    Lazy<ModelPuller> puller,
    ModelCacheClock clock)
{
    public string DisplayName => places.Store?.DisplayName ?? mount.Root;

    public IReadOnlyList<WantedModel> Models => WantedModel.From(options.Value);

    /// <summary>Reads what the store has and who is at work.</summary>
    public async Task<StatusReport> GetStatusAsync(CancellationToken cancellationToken)
    {
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var models = new List<ModelReport>();
        foreach (var name in snapshot.Manifest.Models.Keys.Union(Models.Select(m => m.Name)).Order(StringComparer.Ordinal))
        {
            models.Add(await ReportAsync(name, snapshot.Entry(name), cancellationToken).ConfigureAwait(false));
        }

        return new StatusReport(DisplayName, snapshot.Manifest.Sequence, models);
    }

    /// <summary>Brings every model up to its source; one that fails does not keep the others from it.</summary>
    /// <param name="patience">How long to wait for a lease that another process holds.</param>
    /// <param name="only">The one model to sync; <see langword="null"/> syncs all.</param>
    /// <param name="cancellationToken">Cancels the work; leases are given back.</param>
    public async Task<SyncReport> SyncAsync(TimeSpan patience, string? only, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        var results = new List<SyncResult>();
        foreach (var model in Select(only))
        {
            results.Add(await SyncAsync(model, patience, cancellationToken).ConfigureAwait(false));
        }

        return new SyncReport(results, clock.Time.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>Verifies the version of each model that this configuration serves.</summary>
    public async Task<VerifyReport> VerifyAsync(VerificationLevel? level, string? only, CancellationToken cancellationToken)
    {
        await mount.CheckAsync(cancellationToken).ConfigureAwait(false);
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var chosen = level ?? options.Value.Verification!.Value;
        var results = new List<VerifyResult>();
        foreach (var model in Select(only))
        {
            var began = clock.Time.GetTimestamp();
            var fresh = Freshness.Of(model, snapshot.Entry(model.Name));
            var problem = fresh.Failure ?? fresh.Stale;
            if (fresh.Version is { } version)
            {
                var result = await verifier.VerifyAsync(version, chosen, null, cancellationToken).ConfigureAwait(false);
                problem = result.Problem ?? (result.Missing is { } missing ? $"missing: {missing}" : null);
            }

            results.Add(new VerifyResult(
                model.Name, fresh.Version?.Version, chosen.ToString(), problem, clock.Time.GetElapsedTime(began).TotalSeconds));
        }

        return new VerifyReport(results);
    }

    private List<WantedModel> Select(string? only)
    {
        var models = Models.Where(m => only is null || string.Equals(m.Name, only, StringComparison.OrdinalIgnoreCase)).ToList();
        return models.Count > 0
            ? models
            : throw new ModelCacheException(
                $"No model named '{only}' is configured; configured are {string.Join(", ", Models.Select(m => m.Name))}.")
            {
                ExitCode = ModelCacheExitCodes.Usage,
            };
    }

    private async Task<SyncResult> SyncAsync(WantedModel model, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();
        try
        {
            var result = await puller.Value.SyncAsync(model, patience, cancellationToken).ConfigureAwait(false);
            return new SyncResult(
                model.Name,
                NameOf(result.Action),
                result.Version.Version,
                result.BytesPulled,
                result.BytesCopied,
                clock.Time.GetElapsedTime(began).TotalSeconds,
                null,
                ModelCacheExitCodes.Success);
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            var exitCode = (e as ModelCacheException)?.ExitCode ?? ModelCacheExitCodes.Failed;
            var action = exitCode == ModelCacheExitCodes.LeaseBusy ? "busy" : "failed";
            return new SyncResult(model.Name, action, null, 0, 0, clock.Time.GetElapsedTime(began).TotalSeconds, e.Message, exitCode);
        }
    }

    private async Task<ModelReport> ReportAsync(string name, ManifestEntry? entry, CancellationToken cancellationToken)
    {
        LeaseReport? lease = null;
        var leftovers = 0;
        if (places.Store is { } store)
        {
            var item = await store.GetAsync(LeaseManager.ObjectNameOf(name), cancellationToken: cancellationToken).ConfigureAwait(false);
            if (item is not null)
            {
                var state = LeaseState.Read(item, options.Value.Lease.Ttl!.Value);
                lease = new LeaseReport(state.IsReleased ? "released" : "held", state.Host, state.Epoch, item.Updated);
            }

            await foreach (var _ in store.ListAsync(StagingArea.PrefixOf(name), cancellationToken).ConfigureAwait(false))
            {
                leftovers++;
            }
        }

        var wanted = Models.FirstOrDefault(m => m.Name == name);
        var versions = (entry?.Versions ?? []).Select(v => new VersionReport(
            v.Version,
            v.Version == entry!.Active,
            entry.Pins.Contains(v.Version, StringComparer.Ordinal),
            v.CreatedAt,
            v.RetiredAt,
            v.Bytes,
            v.Files.Count(f => !VersionFiles.IsMarker(f.Path)),
            v.Source.Uri,
            v.Source.Digest));
        return new ModelReport(
            name, entry?.Kind ?? wanted?.Kind ?? "", wanted is not null, entry?.Active, entry?.Held, [.. versions],
            [.. (entry?.Doomed ?? []).Select(d => d.Version)], lease, leftovers);
    }

    private static string NameOf(PublishAction action) => action switch
    {
        PublishAction.Unchanged => "unchanged",
        PublishAction.Published => "published",
        PublishAction.Adopted => "adopted",
        PublishAction.Activated => "activated",
        _ => "held",
    };
}
