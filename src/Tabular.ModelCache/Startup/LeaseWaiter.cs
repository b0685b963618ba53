using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Leases;

namespace Tabular.ModelCache.Startup;

/// <summary>Takes the lease of a model for a command, waiting as long as patience lasts for another process that holds it.</summary>
internal sealed class LeaseWaiter(ManifestReader manifests, LeaseManager leases, ModelCacheClock clock)
{
    /// <exception cref="ModelCacheException">The lease stayed busy; the exit code is <see cref="ModelCacheExitCodes.LeaseBusy"/>.</exception>
    /// <exception cref="Stores.ObjectStoreException">The store failed.</exception>
    public async Task<Lease> AcquireAsync(string model, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = clock.Time.GetTimestamp();

        // Whoever gives commands gives one; instances start together.
        var candidate = leases.CreateCandidate(model, isInCrowd: false);
        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
            var floor = Attempt.TryParse(snapshot.Entry(model)?.Attempt)?.Epoch ?? 0;
            if (await candidate.TryAcquireAsync(floor, cancellationToken).ConfigureAwait(false) is { } lease)
            {
                return lease;
            }

            var waited = clock.Time.GetElapsedTime(began);
            if (waited >= patience)
            {
                throw new ModelCacheException(
                    $"The lease of the model '{model}' was busy for {waited.TotalSeconds:0} s, held by {candidate.Holder?.Host ?? "an unknown process"}; " +
                    "nothing was changed, try again later.")
                {
                    ExitCode = ModelCacheExitCodes.LeaseBusy,
                };
            }

            if (attempt == 1)
            {
                LeaseLog.Waiting(leases.Logger, model, candidate.Holder?.Host ?? "an unknown process", (long)patience.TotalMilliseconds);
            }

            var pause = candidate.NextTry;
            await InlineWait.DelayAsync(pause < patience - waited ? pause : patience - waited, clock.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
