using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Leases;

/// <summary>
/// The right to pull one model, with an end. Held while it is renewed; <see cref="Lost"/> is cancelled when it can no longer be relied on.
/// </summary>
/// <remarks>
/// What is guaranteed: of all changes to the manifest, each is by compare-and-swap, so a former holder can never undo a successor's flip.
/// What is likely, and certain only while the rates of clocks agree within a third: that no two processes pull at the same time.
/// </remarks>
internal sealed class Lease : IAsyncDisposable
{
    // Long enough for two calls, short enough for a process that was told to stop: Cloud Run grants ten seconds.
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(3);

    private const int MostReleaseTries = 3;

    private readonly LeaseManager _manager;
    private readonly string _model;
    private readonly string _name;
    private readonly long _generation;
    private readonly string _owner;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _stopRenewing = new();
    private readonly ITimer _deadline;
    private readonly Task _renewing;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LeaseMoment> _sent = new(StringComparer.Ordinal);
    private long _metageneration;
    private LeaseMoment _heldSince;
    private DateTimeOffset _storeTime;
    private long _storeTimeAt;
    private int _disposed;

    public Lease(LeaseManager manager, string model, StoredObject lease, LeaseState state, LeaseMoment sentAt)
    {
        _manager = manager;
        _model = model;
        _name = lease.Name;
        _generation = lease.Generation;
        _metageneration = lease.Metageneration;
        _owner = state.Owner;
        Attempt = new Attempt(state.Epoch, state.Owner);
        Lost = _lost.Token;
        NoteStoreTime(lease);
        _heldSince = sentAt;

        // The timer belongs to nobody's call: one that hangs cannot delay the news that the lease is lost.
        _deadline = manager.Clock.CreateTimer(
            static self => ((Lease)self!).OnDeadline(), this, Remaining(sentAt), Timeout.InfiniteTimeSpan);
        LeaseLog.Acquired(manager.Logger, model, Attempt.ToString());

        // Nothing of the caller's context, such as its activity, lives on in the loop.
        using (ExecutionContext.SuppressFlow())
        {
            _renewing = RenewAsync(_stopRenewing.Token);
        }
    }

    public Attempt Attempt { get; }

    /// <summary>Gets a token that is cancelled when the lease is lost, at the latest at the holder's own deadline.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Gets the time by the store's clock, as near as this process can tell.</summary>
    public DateTimeOffset StoreTime
    {
        get
        {
            lock (_gate)
            {
                return _storeTime + _manager.Clock.GetElapsedTime(_storeTimeAt);
            }
        }
    }

    /// <summary>Throws unless the lease is held at this very moment; call it before every change.</summary>
    /// <exception cref="ModelCacheException">The lease is lost.</exception>
    public void ThrowIfLost()
    {
        if (!Lost.IsCancellationRequested && Remaining(HeldSince) <= TimeSpan.Zero)
        {
            MarkLost(Overdue);
        }

        if (Lost.IsCancellationRequested)
        {
            throw new ModelCacheException(
                $"The lease of the model '{_model}' was lost ({_lostReason}); another process may be pulling it now, and this one has stopped. Nothing was damaged.");
        }
    }

    /// <summary>Gives the lease back, so that nobody has to wait for its end. Never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

#pragma warning disable CA1849 // CancelAsync runs the callbacks on the thread pool, where a simulation could not follow.
        _stopRenewing.Cancel();
#pragma warning restore CA1849
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _deadline.DisposeAsync().ConfigureAwait(false);
        if (!Lost.IsCancellationRequested)
        {
            await ReleaseAsync().ConfigureAwait(false);
        }

        _stopRenewing.Dispose();
        _lost.Dispose();
    }

    private string _lostReason = "";
    private volatile string? _lastFailure;

    private string Overdue => $"it could not be renewed in time{(_lastFailure is { } failure ? ": " + failure.TrimEnd('.') : "")}";

    private LeaseMoment HeldSince
    {
        get
        {
            lock (_gate)
            {
                return _heldSince;
            }
        }
    }

    private TimeSpan Remaining(LeaseMoment since) => _manager.Timings.HoldFor - since.Elapsed(_manager.Clock);

    private void OnDeadline()
    {
        var remaining = Remaining(HeldSince);
        if (remaining <= TimeSpan.Zero)
        {
            MarkLost(Overdue);
        }
        else
        {
            TrySetDeadline(remaining);
        }
    }

    private void TrySetDeadline(TimeSpan due)
    {
        try
        {
            _deadline.Change(due, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // Released meanwhile.
        }
    }

    private void MarkLost(string reason)
    {
        lock (_gate)
        {
            if (Lost.IsCancellationRequested || Volatile.Read(ref _disposed) != 0)
            {
                return;
            }

            _lostReason = reason;
        }

        LeaseLog.Lost(_manager.Logger, _model, Attempt.ToString(), reason);
        _manager.OnLost?.Invoke(_model);
        _lost.Cancel();
    }

    private void NoteStoreTime(StoredObject lease)
    {
        lock (_gate)
        {
            _storeTime = lease.Updated;
            _storeTimeAt = _manager.Clock.GetTimestamp();
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var wait = _manager.Timings.RenewEvery;
        while (true)
        {
            await InlineWait.DelayAsync(wait, _manager.Clock, cancellationToken).ConfigureAwait(false);
            if (Lost.IsCancellationRequested)
            {
                return;
            }

            wait = await TryRenewAsync(cancellationToken).ConfigureAwait(false) ? _manager.Timings.RenewEvery : LeaseTimings.LeastBetweenChanges;
        }
    }

    private async Task<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        var renewId = _manager.NewNonce();
        var sentAt = LeaseMoment.Now(_manager.Clock);
        _sent[renewId] = sentAt;
        try
        {
            var renewed = await LeaseCall.RunAsync(
                _manager,
                token => _manager.Store.PatchMetadataAsync(_name, LeaseState.Renewal(renewId), Current(), token),
                cancellationToken).ConfigureAwait(false);
            Extend(renewed, sentAt);
            return true;
        }
        catch (ObjectStoreException e)
        {
            _lastFailure = e.Message;
            LeaseLog.RenewalFailed(_manager.Logger, _model, e.Message);
        }

        return await ReconcileAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>After a refusal or silence only a read tells: the lease is ours as long as its generation is the one that we made.</summary>
    private async Task<bool> ReconcileAsync(CancellationToken cancellationToken)
    {
        StoredObject? current;
        try
        {
            current = await LeaseCall.RunAsync(
                _manager, token => _manager.Store.GetAsync(_name, cancellationToken: token), cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStoreException e)
        {
            // Not knowing is not losing; the deadline decides.
            _lastFailure = e.Message;
            LeaseLog.RenewalFailed(_manager.Logger, _model, e.Message);
            return false;
        }

        if (current is null)
        {
            MarkLost("its object was deleted");
            return true;
        }

        var state = LeaseState.Read(current, _manager.Timings.Ttl);
        if (current.Generation != _generation || state.Owner != _owner)
        {
            MarkLost($"{state.Host} has taken it over");
            return true;
        }

        if (state.IsReleased)
        {
            MarkLost("an operator has released it");
            return true;
        }

        // A renewal of ours that took effect counts from when it was sent, however late we learn of it.
        if (_sent.TryGetValue(state.RenewId, out var sentAt))
        {
            Extend(current, sentAt);
            return true;
        }

        _metageneration = current.Metageneration;
        return false;
    }

    private void Extend(StoredObject renewed, LeaseMoment sentAt)
    {
        if (renewed.Generation != _generation)
        {
            MarkLost("the store made another generation of a renewal, which only an emulator does");
            return;
        }

        _metageneration = renewed.Metageneration;
        _sent.Clear();
        NoteStoreTime(renewed);
        lock (_gate)
        {
            if (sentAt.Timestamp > _heldSince.Timestamp)
            {
                _heldSince = sentAt;
            }
        }

        var remaining = Remaining(sentAt);
        if (remaining > TimeSpan.Zero)
        {
            TrySetDeadline(remaining);
        }
        else
        {
            MarkLost("the renewal was answered too late");
        }
    }

    private ObjectPreconditions Current() => new() { IfGenerationMatch = _generation, IfMetagenerationMatch = _metageneration };

    private async Task ReleaseAsync()
    {
        using var timeout = new CancellationTokenSource(ReleaseTimeout, _manager.Clock);
        try
        {
            // A last renewal may still be under way, or an answer lost: then another try with what a read shows.
            for (var attempt = 1; attempt <= MostReleaseTries; attempt++)
            {
                try
                {
                    await LeaseCall.RunAsync(
                        _manager,
                        token => _manager.Store.PatchMetadataAsync(_name, LeaseState.Release(), Current(), token),
                        timeout.Token).ConfigureAwait(false);
                    LeaseLog.Released(_manager.Logger, _model, Attempt.ToString());
                    return;
                }
                catch (ObjectStoreException e) when (e.Error is ObjectStoreError.PreconditionFailed && attempt < MostReleaseTries)
                {
                    var current = await LeaseCall.RunAsync(
                        _manager, token => _manager.Store.GetAsync(_name, cancellationToken: token), timeout.Token).ConfigureAwait(false);
                    if (current?.Generation != _generation || LeaseState.Read(current, _manager.Timings.Ttl).IsReleased)
                    {
                        return;
                    }

                    _metageneration = current.Metageneration;
                }
                catch (ObjectStoreException e) when (e.IsTransient && attempt < MostReleaseTries)
                {
                    // A lease that was taken or renewed within the last second may not be changed again yet; without a release the others
                    // would wait for its end.
                    await InlineWait.DelayAsync(LeaseTimings.LeastBetweenChanges, _manager.Clock, timeout.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is ObjectStoreException or OperationCanceledException)
        {
            LeaseLog.ReleaseFailed(_manager.Logger, _model, Attempt.ToString(), (long)_manager.Timings.Ttl.TotalMilliseconds, e.Message);
        }
    }
}
