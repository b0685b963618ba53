using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Testing;

/// <content>What happens to an instance that runs.</content>
public sealed partial class FakeModelCache
{
    /// <summary>Publishes a newer version of a model, as the sync job does in another process.</summary>
    /// <param name="model">The configured name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>
    /// The name of the version, when the instance has looked at the manifest. With <see cref="ModelCacheOptions.FollowUpdates"/> it then goes
    /// on to it and raises <see cref="IModelCache.ModelUpdated"/>; a start that waits for a lease which <see cref="LoseLeaseAsync"/> has taken
    /// ends with it.
    /// </returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    /// <exception cref="InvalidOperationException">The instance holds the lease of the model: it is pulling.</exception>
    public async Task<string> PublishAsync(string model, CancellationToken cancellationToken = default)
    {
        var version = await _others.PublishNextAsync(Find(model)).ConfigureAwait(false);
        await LookAsync(cancellationToken).ConfigureAwait(false);
        return version.Version;
    }

    /// <summary>Takes the lease away from an instance that pulls, as another process does after a pause; <see cref="PublishAsync"/> gives it back.</summary>
    /// <param name="model">The configured name of a model that is being pulled; see <see cref="MakeStale"/> and <see cref="HoldPull"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the instance has stopped its pull and waits for the other process, in <see cref="ModelCacheState.AcquiringLease"/>.</returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    /// <exception cref="InvalidOperationException">Nobody holds the lease.</exception>
    public async Task LoseLeaseAsync(string model, CancellationToken cancellationToken = default)
    {
        var name = Find(model).Name;
        await _others.TakeLeaseAsync(name).ConfigureAwait(false);
        await PassUntilAsync(
            _others.RenewEvery + _others.LongestPoll,
            () => Status.Models.Any(m => m.Name == name && m.State == ModelCacheState.AcquiringLease),
            $"A start that has lost the lease of the model '{name}' was expected",
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the versions of a model from the manifest: the instance goes on serving its own, in <see cref="ModelCacheState.Degraded"/>.</summary>
    /// <param name="model">The configured name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the status says so.</returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    /// <exception cref="InvalidOperationException">The gate is not open.</exception>
    public async Task DegradeAsync(string model, CancellationToken cancellationToken = default)
    {
        var name = Find(model).Name;
        ThrowIfNotReady(nameof(DegradeAsync));
        await _others.RemoveAsync(name).ConfigureAwait(false);
        await ProbeUntilAsync(() => Status.State == ModelCacheState.Degraded, "A degraded instance was expected", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the mount fail from now on: health turns red, although the models stay served.</summary>
    /// <param name="reason">The reason, in one line, as health tells it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when health is red.</returns>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is empty.</exception>
    /// <exception cref="InvalidOperationException">The gate is not open; <see cref="Fail"/> lets a start fail.</exception>
    public async Task BreakMountAsync(string reason, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ThrowIfNotReady(nameof(BreakMountAsync));
        Mount.Broken = reason;
        await ProbeUntilAsync(() => _holder.Unhealthy is not null, "Red health was expected", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Undoes <see cref="BreakMountAsync"/>.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when health is no longer red.</returns>
    public async Task RepairMountAsync(CancellationToken cancellationToken = default)
    {
        if (Mount.Broken is null)
        {
            return;
        }

        Mount.Broken = null;
        if (Status.IsReady)
        {
            await ProbeUntilAsync(() => _holder.Unhealthy is null, "Green health was expected", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Takes back all that was asked of this fake and still lasts, and forgets what has happened. A start that has failed stays failed, and
    /// versions that were published stay.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the instance has noticed.</returns>
    public async Task ResetAsync(CancellationToken cancellationToken = default)
    {
        Store.Inject = null;
        Mount.Failure = null;
        await _others.ReleaseLeasesAsync().ConfigureAwait(false);
        await ReleaseAsync(cancellationToken).ConfigureAwait(false);
        await RepairMountAsync(cancellationToken).ConfigureAwait(false);
        var restored = await _others.RestoreAsync().ConfigureAwait(false);
        if (restored.Count > 0)
        {
            await ProbeUntilAsync(
                () => !Status.Models.Any(m => restored.Contains(m.Name) && m is { State: ModelCacheState.Degraded, Outcome: not CacheOutcome.Fallback }),
                "An instance whose version is in the manifest again was expected",
                cancellationToken).ConfigureAwait(false);
        }

        GetSnapshot(clear: true);
    }

    private Task ProbeUntilAsync(Func<bool> isReached, string expected, CancellationToken cancellationToken) =>
        PassUntilAsync(_options.Mount.ProbeInterval, isReached, expected, cancellationToken);

    private void ThrowIfNotReady(string method)
    {
        if (!Status.IsReady)
        {
            throw new InvalidOperationException($"{method} is for an instance whose gate is open; it is {Status.State}. Fail lets a start fail.");
        }
    }

    /// <summary>Waits until the instance has looked at the manifest, if it ever does: open, or waiting for another process.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var last = Store.GetSnapshot() is [.., var newest] ? newest.Sequence : 0;
        var step = Status.IsReady ? _options.Mount.ProbeInterval : _others.LongestPoll;
        if (Status.IsReady || Status.State == ModelCacheState.AcquiringLease)
        {
            await PassUntilAsync(
                step,
                () => Store.GetSnapshot().Any(o => o.Sequence > last && o.Name == VersionFiles.Manifest),
                "A look at the manifest was expected",
                cancellationToken).ConfigureAwait(false);
        }
    }
}
