using Microsoft.Extensions.Options;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Operations;

/// <summary>The operations, put together. What writes is made at its first use, because a shared volume without a bucket has none of it.</summary>
internal sealed class ModelCacheOperations(
    IOptions<ModelCacheOptions> options,
    ModelNames names,
    StatusReader status,
    SyncRunner sync,
    Lazy<ManifestOperator> manifest,
    Lazy<CacheCleaner> cleaner,
    Lazy<LeaseUnlocker> unlocker,
    BillingAfterDeletion billing,
    ManifestReader manifests,
    IModelMount mount,
    VersionVerifier verifier,
    ModelCacheClock clock) : IModelCacheOperations
{
    private const int LongestReason = 500;

    private TimeSpan DefaultPatience => options.Value.Lease.CommandWait;

    public Task<StatusReport> GetStatusAsync(CancellationToken cancellationToken = default) => status.ReadAsync(cancellationToken);

    public Task<SyncReport> SyncAsync(string? model = null, TimeSpan? patience = null, CancellationToken cancellationToken = default) =>
        sync.RunAsync(names.Select(model), patience ?? DefaultPatience, cancellationToken);

    public async Task<VerifyReport> VerifyAsync(VerificationLevel? level = null, string? model = null, CancellationToken cancellationToken = default)
    {
        var models = names.Select(model);
        await mount.CheckAsync(cancellationToken).ConfigureAwait(false);
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var chosen = level ?? options.Value.Verification!.Value;
        var results = new List<VerifyResult>();
        foreach (var wanted in models)
        {
            var began = clock.Time.GetTimestamp();
            var fresh = Freshness.Of(wanted, snapshot.Entry(wanted.Name));
            var problem = fresh.Failure ?? fresh.Stale;
            if (fresh.Version is { } version)
            {
                var result = await verifier.VerifyAsync(version, chosen, null, cancellationToken).ConfigureAwait(false);
                problem = result.Problem ?? (result.Missing is { } missing ? $"missing: {missing}" : null);
            }

            results.Add(new VerifyResult
            {
                Name = wanted.Name,
                Version = fresh.Version?.Version,
                Level = chosen.ToString(),
                Problem = problem,
                Seconds = clock.Time.GetElapsedTime(began).TotalSeconds,
            });
        }

        return new VerifyReport { Models = results };
    }

    public Task<ChangeReport> RollBackAsync(
        string model, string? version = null, string? reason = null, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return reason is null || (reason.Length <= LongestReason && !reason.Any(char.IsControl))
            ? manifest.Value.RollBackAsync(model, version, reason, patience ?? DefaultPatience, cancellationToken)
            : throw new ModelCacheException($"The reason must be one line of at most {LongestReason} characters; it has {reason.Length}.")
            {
                ExitCode = ModelCacheExitCodes.Usage,
            };
    }

    public Task<ChangeReport> ActivateAsync(string model, string version, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        return manifest.Value.ActivateAsync(model, version, patience ?? DefaultPatience, cancellationToken);
    }

    public Task<ChangeReport> PinAsync(string model, string version, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        return manifest.Value.PinAsync(model, version, isPinned: true, patience ?? DefaultPatience, cancellationToken);
    }

    public Task<ChangeReport> UnpinAsync(string model, string version, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(version);
        return manifest.Value.PinAsync(model, version, isPinned: false, patience ?? DefaultPatience, cancellationToken);
    }

    public async Task<PruneReport> PruneAsync(
        string? model = null, bool isDryRun = false, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        var began = clock.Time.GetTimestamp();
        var chosen = model is null
            ? names.Select(null).Select(m => m.Name)
            : [names.FindAny(await manifests.ReadAsync(cancellationToken).ConfigureAwait(false), model)];
        var results = new List<PruneResult>();
        foreach (var name in chosen)
        {
            results.Add(await PruneOneAsync(name, isDryRun, patience ?? DefaultPatience, cancellationToken).ConfigureAwait(false));
        }

        var bytes = results.Sum(r => r.LeftoverBytes + r.Versions.Sum(v => v.Bytes));
        return new PruneReport
        {
            IsDryRun = isDryRun,
            Models = results,
            Billing = await billing.DescribeAsync(bytes, cancellationToken).ConfigureAwait(false),
            Seconds = clock.Time.GetElapsedTime(began).TotalSeconds,
        };
    }

    public async Task<EnvironmentReport> GetEnvironmentAsync(string? model = null, CancellationToken cancellationToken = default)
    {
        var models = names.Select(model);
        var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
        var results = new List<EnvironmentResult>();
        foreach (var wanted in models)
        {
            var fresh = Freshness.Of(wanted, snapshot.Entry(wanted.Name));
            if (fresh.Version is not { } version)
            {
                throw new ModelCacheException(fresh.Failure ?? $"There is nothing to read: {fresh.Stale}; run the sync job.");
            }

            var path = Path.Combine(mount.Root, version.Path);
            results.Add(new EnvironmentResult
            {
                Name = wanted.Name,
                Kind = wanted.Kind,
                Version = version.Version,
                Path = path,
                Variables = ModelEnvironment.For(wanted.Kind, path),
            });
        }

        return new EnvironmentReport { Models = results };
    }

    public async Task<UnlockReport> UnlockAsync(string model, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        var name = names.FindAny(await manifests.ReadAsync(cancellationToken).ConfigureAwait(false), model);
        var holder = await unlocker.Value.UnlockAsync(name, force, cancellationToken).ConfigureAwait(false);
        return new UnlockReport { Model = name, Released = holder is not null, Holder = holder?.Host, Epoch = holder?.Epoch };
    }

    private async Task<PruneResult> PruneOneAsync(string model, bool isDryRun, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return isDryRun
                ? await cleaner.Value.PlanAsync(model, cancellationToken).ConfigureAwait(false)
                : await cleaner.Value.PruneAsync(model, patience, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            return new PruneResult { Name = model, Error = e.Message, ExitCode = (e as ModelCacheException)?.ExitCode ?? ModelCacheExitCodes.Failed };
        }
    }
}
