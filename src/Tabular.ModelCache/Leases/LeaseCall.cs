using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Leases;

/// <summary>One call to the store with the short deadline of lease traffic; a late answer is an unknown outcome.</summary>
internal static class LeaseCall
{
    /// <exception cref="ObjectStoreException">
    /// The store failed, or did not answer in time: <see cref="ObjectStoreError.Unavailable"/> with an unknown outcome.
    /// </exception>
    public static async Task<T> RunAsync<T>(LeaseManager manager, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(manager.Timings.CallTimeout, manager.Clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Not only the token: a call that ignores its token must not hold the lease's logic.
            return await InlineWait.ForAsync(call(linked.Token), linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectStoreException(
                ObjectStoreError.Unavailable,
                $"{manager.Store.DisplayName} did not answer a request for a lease within {manager.Timings.CallTimeout.TotalSeconds:0.#} s",
                innerException: e)
            {
                OutcomeUnknown = true,
            };
        }
    }
}
