using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Leases;

/// <summary>
/// Tries to take the lease of one model. It takes over only a version of the lease object, (generation, metageneration), that it has
/// itself seen unchanged for a whole time to live on its own monotonic clock; no two clocks are ever compared.
/// </summary>
internal sealed class LeaseCandidate(LeaseManager manager, string model, bool isInCrowd)
{
    private readonly string _name = LeaseManager.ObjectNameOf(model);
    private (long Generation, long Metageneration)? _observed;
    private long _observedAt;
    private bool _hasStoodBack;

    // A create whose answer was lost may have taken effect, and may take effect later still.
    private (string Owner, LeaseMoment SentAt)? _pending;

    /// <summary>Gets who holds the lease, as far as the last try saw it.</summary>
    public LeaseState? Holder { get; private set; }

    /// <summary>Gets how long to wait before the next try.</summary>
    public TimeSpan NextTry { get; private set; } = manager.Jitter(manager.Timings.PollEvery);

    /// <summary>Tries once: one read, and one write when the lease is free or long unrenewed.</summary>
    /// <param name="epochFloor">The highest epoch known from elsewhere, so that epochs rise even if the lease object was deleted by hand.</param>
    /// <param name="cancellationToken">Cancels the try.</param>
    /// <returns>The lease, or <see langword="null"/> when another process holds it or the store did not answer.</returns>
    /// <exception cref="ObjectStoreException">The store refuses for a reason that waiting does not cure.</exception>
    public async Task<Lease?> TryAcquireAsync(long epochFloor, CancellationToken cancellationToken)
    {
        NextTry = manager.Jitter(manager.Timings.PollEvery);
        StoredObject? current;
        try
        {
            current = await CallAsync(token => manager.Store.GetAsync(_name, cancellationToken: token), cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStoreException e) when (e.IsTransient)
        {
            LeaseLog.TryFailed(manager.Logger, model, e.Message);
            return null;
        }

        // The stopwatch of an observation starts when the answer is here: the write it shows lies before that.
        var seenAt = manager.Clock.GetTimestamp();
        if (current is null)
        {
            _observed = null;
            Holder = null;
            if (StandBack())
            {
                return null;
            }

            return await WriteAsync(ObjectPreconditions.MustNotExist, epochFloor + 1, cancellationToken).ConfigureAwait(false);
        }

        var state = LeaseState.Read(current, manager.Timings.Ttl);
        if (Adopt(current, state) is { } mine)
        {
            return mine;
        }

        Holder = state.IsReleased ? null : state;
        if (!state.IsReleased && !HasExpired(current, state, seenAt))
        {
            return null;
        }

        if (state.IsReleased && StandBack())
        {
            return null;
        }

        if (!state.IsReleased)
        {
            LeaseLog.TakingOver(manager.Logger, model, state.Owner, state.Host, (long)state.Ttl.TotalMilliseconds);
        }

        return await WriteAsync(ObjectPreconditions.Matches(current), Math.Max(state.Epoch, epochFloor) + 1, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether to look again after a moment before taking a free lease: once for each time that it is found free.</summary>
    private bool StandBack()
    {
        if (_hasStoodBack || !isInCrowd || manager.Timings.ElectionSlot == TimeSpan.Zero)
        {
            _hasStoodBack = false;
            return false;
        }

        _hasStoodBack = true;
        NextTry = manager.ElectionDelay();
        return true;
    }

    private bool HasExpired(StoredObject current, LeaseState state, long seenAt)
    {
        var version = (current.Generation, current.Metageneration);
        if (_observed != version)
        {
            _observed = version;
            _observedAt = seenAt;
            return false;
        }

        return manager.Clock.GetElapsedTime(_observedAt, seenAt) >= state.Ttl;
    }

    /// <summary>Recognises an own create whose answer was lost, while there is still time to use it.</summary>
    private Lease? Adopt(StoredObject current, LeaseState state)
    {
        if (_pending is not { } pending || state.IsReleased || state.Owner != pending.Owner)
        {
            return null;
        }

        _pending = null;
        return pending.SentAt.Elapsed(manager.Clock) < manager.Timings.HoldFor
            ? new Lease(manager, model, current, state, pending.SentAt)
            : null;
    }

    private async Task<Lease?> WriteAsync(ObjectPreconditions preconditions, long epoch, CancellationToken cancellationToken)
    {
        var state = new LeaseState(
            manager.NewNonce(), epoch, manager.NewNonce(), manager.Timings.Ttl, IsReleased: false, $"{Environment.MachineName}/{Environment.ProcessId}");
        var options = new ObjectWriteOptions
        {
            Preconditions = preconditions,
            CacheControl = "no-store",
            ContentType = "application/octet-stream",

            // A bucket of a colder class would charge each replaced version for weeks.
            StorageClass = "STANDARD",
            Metadata = state.ToMetadata(),
            Length = 0,
        };
        var sentAt = LeaseMoment.Now(manager.Clock);
        _pending = (state.Owner, sentAt);
        try
        {
            var written = await CallAsync(token => manager.Store.WriteBytesAsync(_name, [], options, token), cancellationToken).ConfigureAwait(false);
            _pending = null;
            if (sentAt.Elapsed(manager.Clock) < manager.Timings.HoldFor)
            {
                return new Lease(manager, model, written, state, sentAt);
            }

            LeaseLog.TryFailed(manager.Logger, model, "the answer came after the lease had run out");
            return null;
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.PreconditionFailed or ObjectStoreError.NotFound)
        {
            // Somebody else was first; or it was this very request, repeated below us. The next read tells.
            return null;
        }
        catch (ObjectStoreException e) when (e.IsTransient)
        {
            LeaseLog.TryFailed(manager.Logger, model, e.Message);
            return null;
        }
    }

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        await LeaseCall.RunAsync(manager, call, cancellationToken).ConfigureAwait(false);
}
