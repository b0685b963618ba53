using Tabular.ModelCache.Operations;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache;

/// <summary>What an operator does to the cache, for code: the command line <c>model-cache ...</c> is a thin layer over it.</summary>
/// <remarks>
/// A singleton; all members are safe to call from any thread and need no started host. Whatever changes a model takes its lease first,
/// and waits for it up to <c>patience</c> while another process has it; <see langword="null"/> waits for <see cref="LeaseOptions.CommandWait"/>.
/// Every member throws <see cref="ModelCacheException"/> with a message of one line and one of the <see cref="ModelCacheExitCodes"/>:
/// <see cref="ModelCacheExitCodes.LeaseBusy"/> when the lease stayed busy, <see cref="ModelCacheExitCodes.Usage"/> for a model that is not
/// known; and <see cref="ObjectStoreException"/> when the store fails.
/// </remarks>
public interface IModelCacheOperations
{
    /// <summary>Reads what the store has and who is at work. Changes nothing.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>All models of the manifest and of the configuration.</returns>
    /// <exception cref="ModelCacheException">The manifest cannot be used.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<StatusReport> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Brings the configured models up to their sources: heals a damaged active version, publishes what has changed, prunes. A model that
    /// fails does not keep the others from it.
    /// </summary>
    /// <param name="model">The only model to sync, compared without regard to case; <see langword="null"/> syncs all.</param>
    /// <param name="patience">How long to wait for the lease of each model, 0 or more.</param>
    /// <param name="cancellationToken">Cancels the work; leases are given back.</param>
    /// <returns>What became of each model; failures are told there and not thrown.</returns>
    /// <exception cref="ModelCacheException">The model is not configured, or the shared volume is read only.</exception>
    Task<SyncReport> SyncAsync(string? model = null, TimeSpan? patience = null, CancellationToken cancellationToken = default);

    /// <summary>Verifies, through the mount, the version of each configured model that this configuration serves.</summary>
    /// <param name="level">How much to prove; <see langword="null"/> takes the configured level.</param>
    /// <param name="model">The only model to verify, compared without regard to case; <see langword="null"/> verifies all.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ModelCacheException">The model is not configured, or the mount or the manifest cannot be used.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<VerifyReport> VerifyAsync(VerificationLevel? level = null, string? model = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes an earlier kept version active by one change of the manifest, and holds back the upstream digest that was active, so that no
    /// automatic run brings it back. No byte is copied.
    /// </summary>
    /// <param name="model">A model of the manifest.</param>
    /// <param name="version">
    /// The kept version to go to, the digest left out where that is unambiguous; <see langword="null"/> takes the one that was active before.
    /// After a rollback that is an older one, never the one that was rolled back from.
    /// </param>
    /// <param name="reason">Why, for the log, the report and the manifest; one line of at most 500 characters.</param>
    /// <param name="patience">How long to wait for the lease, 0 or more.</param>
    /// <param name="cancellationToken">Cancels the work; the change may have been made.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="ModelCacheException">There is no such kept version, it is not complete in the store, or the lease was busy or lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<ChangeReport> RollBackAsync(
        string model, string? version = null, string? reason = null, TimeSpan? patience = null, CancellationToken cancellationToken = default);

    /// <summary>Makes a kept version active by one change of the manifest, and holds nothing back any more. No byte is copied.</summary>
    /// <param name="model">A model of the manifest.</param>
    /// <param name="version">The kept version, the digest left out where that is unambiguous.</param>
    /// <param name="patience">How long to wait for the lease, 0 or more.</param>
    /// <param name="cancellationToken">Cancels the work; the change may have been made.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="ModelCacheException">There is no such kept version, it is not complete in the store, or the lease was busy or lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<ChangeReport> ActivateAsync(string model, string version, TimeSpan? patience = null, CancellationToken cancellationToken = default);

    /// <summary>Pins a kept version: it is never pruned.</summary>
    /// <param name="model">A model of the manifest.</param>
    /// <param name="version">The kept version, the digest left out where that is unambiguous.</param>
    /// <param name="patience">How long to wait for the lease, 0 or more.</param>
    /// <param name="cancellationToken">Cancels the work; the change may have been made.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="ModelCacheException">There is no such kept version, or the lease was busy or lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<ChangeReport> PinAsync(string model, string version, TimeSpan? patience = null, CancellationToken cancellationToken = default);

    /// <summary>Takes the pin of a version away; what retention says holds for it again.</summary>
    /// <param name="model">A model of the manifest.</param>
    /// <param name="version">The kept version, the digest left out where that is unambiguous.</param>
    /// <param name="patience">How long to wait for the lease, 0 or more.</param>
    /// <param name="cancellationToken">Cancels the work; the change may have been made.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="ModelCacheException">There is no such kept version, or the lease was busy or lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<ChangeReport> UnpinAsync(string model, string version, TimeSpan? patience = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes what a sync removes at its end: versions beyond retention, what dead runs left in <c>.tmp</c>, and deletions that were begun.
    /// Never the active version, a pinned one, or one within its grace period. No source is asked.
    /// </summary>
    /// <param name="model">A model of the manifest; <see langword="null"/> prunes the configured models.</param>
    /// <param name="isDryRun">Whether only to tell: no lease is taken and nothing is deleted.</param>
    /// <param name="patience">How long to wait for the lease of each model, 0 or more.</param>
    /// <param name="cancellationToken">Cancels the work; the next run goes on.</param>
    /// <returns>What was, or would be, removed, and what stays billed; failures of a model are told there and not thrown.</returns>
    /// <exception cref="ModelCacheException">The model is not known, or the shared volume is read only.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<PruneReport> PruneAsync(
        string? model = null, bool isDryRun = false, TimeSpan? patience = null, CancellationToken cancellationToken = default);

    /// <summary>Tells the environment in which readers find the versions that this configuration serves. Verifies nothing.</summary>
    /// <param name="model">The only model, compared without regard to case; <see langword="null"/> takes all configured ones.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The variables, per model: two models of one kind need two environments.</returns>
    /// <exception cref="ModelCacheException">The model is not configured, or there is no version to serve.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<EnvironmentReport> GetEnvironmentAsync(string? model = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Releases the lease of a model in the place of a holder that is dead: the lease is watched for a whole time to live first. By force
    /// also that of a live one, which notices it and stops.
    /// </summary>
    /// <param name="model">A model of the manifest or of the configuration.</param>
    /// <param name="force">Whether to release it at once, although its holder may live.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>Who held it.</returns>
    /// <exception cref="ModelCacheException">The holder lives (<see cref="ModelCacheExitCodes.LeaseBusy"/>), or the model is not known.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    Task<UnlockReport> UnlockAsync(string model, bool force = false, CancellationToken cancellationToken = default);
}
