using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Changes one model's entry by compare-and-swap. After a refusal or silence it reads again and looks only at that entry: what it wrote
/// means success, what it started from means another model was flipped and it tries again, anything else means it has lost.
/// </summary>
internal sealed class ManifestFlipper(ManifestStore manifests, TimeProvider clock, Random random, ILogger logger)
{
    private const int MostTries = 30;
    private const int WriteIdBytes = 8;

    /// <summary>Makes one change.</summary>
    /// <param name="model">The model whose entry is changed.</param>
    /// <param name="start">The manifest as it was read under the lease, or as the last flip of this attempt left it.</param>
    /// <param name="change">
    /// Gives the entry to write, from the time by the store's clock. It is asked anew at each try, because a grace period counts from the
    /// flip that took effect; the attempt of the entry must be that of <paramref name="lease"/>.
    /// </param>
    /// <param name="lease">The lease of the model.</param>
    /// <param name="cancellationToken">Cancels the change; it may have taken effect.</param>
    /// <returns>The manifest after the change.</returns>
    /// <exception cref="ModelCacheException">Another attempt has changed the entry, or the lease is lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed for good.</exception>
    public async Task<ManifestSnapshot> FlipAsync(
        string model, ManifestSnapshot start, Func<DateTimeOffset, ManifestEntry> change, Lease lease, CancellationToken cancellationToken)
    {
        var basis = start.Entry(model);
        var current = start;
        var tried = new List<ManifestEntry>();
        for (var attempt = 1; ; attempt++)
        {
            lease.ThrowIfLost();
            var entry = change(lease.StoreTime);
            tried.Add(entry);
            var next = current.Manifest.With(model, entry, NewWriteId());
            string reason;
            try
            {
                var written = await manifests.ReplaceAsync(next, current.Generation, cancellationToken).ConfigureAwait(false);
                return new ManifestSnapshot(next, written.Generation);
            }
            catch (ObjectStoreException e) when (
                (e.Error == ObjectStoreError.PreconditionFailed || e.IsTransient) && attempt < MostTries)
            {
                reason = e.Message;
            }

            FlipLog.Retrying(logger, model, attempt, reason);
            current = await ReadAsync(model, attempt, lease, cancellationToken).ConfigureAwait(false);
            var found = current.Entry(model);

            // Any of the tries may be the one that took effect: its answer was lost.
            if (tried.Exists(t => ManifestEntry.Same(found, t)))
            {
                return current;
            }

            if (!ManifestEntry.Same(found, basis))
            {
                throw Lost(model, found, lease);
            }

            // Cloud Storage allows one change of an object a second; jitter keeps several models' flips apart.
            await InlineWait.DelayAsync(TimeSpan.FromSeconds(1 + random.NextDouble()), clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the manifest whether a version is still being deleted; what it said when it was read last may be long ago.</summary>
    /// <exception cref="ModelCacheException">It is not: another attempt has changed the entry, or the lease is lost.</exception>
    /// <exception cref="ObjectStoreException">The store failed for good.</exception>
    public async Task ThrowUnlessDoomedAsync(string model, string version, Lease lease, CancellationToken cancellationToken)
    {
        var entry = (await ReadAsync(model, 1, lease, cancellationToken).ConfigureAwait(false)).Entry(model);
        if (entry?.IsDoomed(version) != true)
        {
            throw Lost(model, entry, lease);
        }
    }

    private ModelCacheException Lost(string model, ManifestEntry? found, Lease lease) => new(
        $"{manifests.DisplayName}: the entry of the model '{model}' was changed by attempt {found?.Attempt ?? "nobody"} meanwhile; " +
        $"attempt {lease.Attempt} has lost and stopped. Nothing was damaged.");

    private async Task<ManifestSnapshot> ReadAsync(string model, int attempt, Lease lease, CancellationToken cancellationToken)
    {
        for (; ; attempt++)
        {
            lease.ThrowIfLost();
            try
            {
                return await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectStoreException e) when (e.IsTransient && attempt < MostTries)
            {
                FlipLog.Retrying(logger, model, attempt, e.Message);
                await InlineWait.DelayAsync(TimeSpan.FromSeconds(1 + random.NextDouble()), clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private string NewWriteId()
    {
        var bytes = new byte[WriteIdBytes];
        random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
