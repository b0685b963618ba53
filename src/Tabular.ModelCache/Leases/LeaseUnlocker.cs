using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Leases;

/// <summary>
/// Releases a lease in the place of its holder: one that is dead, which is observed as any other instance would observe it, or, by force,
/// whoever it is. The object is changed and never deleted, so that the epoch in it only rises.
/// </summary>
internal sealed class LeaseUnlocker(LeaseManager manager)
{
    // A holder renews every few seconds, so that a release by force may be late by a renewal; no holder is that quick three times.
    private const int MostTries = 5;

    /// <summary>Releases the lease of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="force">Whether to release it although its holder may live.</param>
    /// <param name="cancellationToken">Cancels the wait; nothing is changed then.</param>
    /// <returns>Who held it; <see langword="null"/> when nobody did.</returns>
    /// <exception cref="ModelCacheException">The holder lives; the exit code is <see cref="ModelCacheExitCodes.LeaseBusy"/>.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<LeaseState?> UnlockAsync(string model, bool force, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(model, cancellationToken).ConfigureAwait(false);
        if (found is not { State.IsReleased: false } held)
        {
            return null;
        }

        if (!force)
        {
            await ThrowIfLiveAsync(model, held, cancellationToken).ConfigureAwait(false);
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CallAsync(
                    token => manager.Store.PatchMetadataAsync(held.Item.Name, LeaseState.Release(), ObjectPreconditions.Matches(held.Item), token),
                    cancellationToken).ConfigureAwait(false);
                LeaseLog.Unlocked(manager.Logger, model, held.State.Epoch, held.State.Owner, held.State.Host);
                return held.State;
            }
            catch (ObjectStoreException e) when (
                (e.Error is ObjectStoreError.PreconditionFailed or ObjectStoreError.NotFound || e.IsTransient) && attempt < MostTries)
            {
                // A release of ours whose answer was lost shows as released; anything else that has changed is a sign of life.
                LeaseLog.TryFailed(manager.Logger, model, e.Message);
            }

            await InlineWait.DelayAsync(LeaseTimings.LeastBetweenChanges, manager.Clock, cancellationToken).ConfigureAwait(false);
            if (await ReadAsync(model, cancellationToken).ConfigureAwait(false) is not { State.IsReleased: false } now)
            {
                return held.State;
            }

            if (!force && !IsSame(held, now))
            {
                throw Live(model, now, "it was renewed or taken while this command was at work");
            }

            held = now;
        }
    }

    /// <summary>Watches the object for a whole time to live: no other clock is asked whether the holder is late.</summary>
    private async Task ThrowIfLiveAsync(string model, Held held, CancellationToken cancellationToken)
    {
        LeaseLog.Watching(manager.Logger, model, held.State.Owner, held.State.Host, (long)held.State.Ttl.TotalMilliseconds);
        var seenAt = manager.Clock.GetTimestamp();
        while (manager.Clock.GetElapsedTime(seenAt) is var elapsed && elapsed < held.State.Ttl)
        {
            var rest = held.State.Ttl - elapsed;
            await InlineWait.DelayAsync(rest < manager.Timings.PollEvery ? rest : manager.Timings.PollEvery, manager.Clock, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                if (await ReadAsync(model, cancellationToken).ConfigureAwait(false) is not { } now || !IsSame(held, now))
                {
                    throw Live(model, held, $"it changed within {manager.Clock.GetElapsedTime(seenAt).TotalSeconds:0.#} s");
                }
            }
            catch (ObjectStoreException e) when (e.IsTransient)
            {
                // The release is conditional on what was seen first, so that a look that failed proves nothing and spoils nothing.
                LeaseLog.TryFailed(manager.Logger, model, e.Message);
            }
        }
    }

    private static ModelCacheException Live(string model, Held held, string sign) => new(
        $"The lease of the model '{model}' is live: {held.State.Host} holds it at epoch {held.State.Epoch}, and {sign}; " +
        "wait for it, or take it away with --force, which stops its pull.")
    {
        ExitCode = ModelCacheExitCodes.LeaseBusy,
    };

    private async Task<Held?> ReadAsync(string model, CancellationToken cancellationToken)
    {
        var item = await CallAsync(token => manager.Store.GetAsync(LeaseManager.ObjectNameOf(model), cancellationToken: token), cancellationToken)
            .ConfigureAwait(false);
        return item is null ? null : new Held(item, LeaseState.Read(item, manager.Timings.Ttl));
    }

    private static bool IsSame(Held one, Held other) =>
        (one.Item.Generation, one.Item.Metageneration) == (other.Item.Generation, other.Item.Metageneration);

    private Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        LeaseCall.RunAsync(manager, call, cancellationToken);

    private sealed record Held(StoredObject Item, LeaseState State);
}
