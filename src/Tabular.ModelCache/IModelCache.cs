using System.Diagnostics.CodeAnalysis;

namespace Tabular.ModelCache;

/// <summary>The models of this instance, behind the readiness gate.</summary>
/// <remarks>A singleton; all members are safe to call from any thread. Tests replace the store behind it, not this interface.</remarks>
public interface IModelCache
{
    /// <summary>Gets where the instance stands. Reads memory only.</summary>
    ModelCacheStatus Status { get; }

    /// <summary>Occurs after a model has gone on to another version; only with <see cref="ModelCacheOptions.FollowUpdates"/>.</summary>
    /// <remarks>
    /// <see cref="GetModelAsync"/>, <see cref="TryGetModel"/> and <see cref="Status"/> have the new version already. Handlers run on the
    /// thread pool, one after the other; while they run, this model follows no further update. What a handler throws is logged, and the
    /// others are called. The files of the previous version stay for at least <see cref="RetentionOptions.GracePeriod"/>.
    /// </remarks>
    event EventHandler<ModelUpdatedEventArgs>? ModelUpdated;

    /// <summary>Waits until the gate opens and returns a model.</summary>
    /// <param name="name">The configured name, compared without regard to case.</param>
    /// <param name="cancellationToken">Cancels the wait, not the start.</param>
    /// <returns>The verified model.</returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    /// <exception cref="ModelCacheException">The start failed; the message says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled, or the host stopped.</exception>
    ValueTask<CachedModel> GetModelAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Returns a model if the gate is open; never waits.</summary>
    /// <param name="name">The configured name, compared without regard to case.</param>
    /// <param name="model">The verified model.</param>
    /// <returns>Whether the gate is open.</returns>
    /// <exception cref="ArgumentException">No model of that name is configured.</exception>
    bool TryGetModel(string name, [NotNullWhen(true)] out CachedModel? model);

    /// <summary>Yields the present status and then each newer one; a slow reader misses intermediate ones, never the last.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>An endless sequence; it ends when the host has stopped.</returns>
    IAsyncEnumerable<ModelCacheStatus> WatchAsync(CancellationToken cancellationToken = default);
}
