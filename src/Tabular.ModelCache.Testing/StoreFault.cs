using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>What a <see cref="FaultInjectingObjectStore"/> does to one request.</summary>
public sealed class StoreFault
{
    private StoreFault()
    {
    }

    /// <summary>Gets the fault that is none: the request passes.</summary>
    public static StoreFault None { get; } = new();

    internal Func<StoreOperation, CancellationToken, Task>? Before { get; private init; }

    internal Func<StoreOperation, CancellationToken, Task>? After { get; private init; }

    internal long? ReadLimit { get; private init; }

    /// <summary>The request fails and takes no effect.</summary>
    /// <param name="error">The error of the <see cref="ObjectStoreException"/> that the caller gets.</param>
    /// <returns>The fault.</returns>
    public static StoreFault FailBefore(ObjectStoreError error = ObjectStoreError.Unavailable) => new()
    {
        Before = (operation, _) => Task.FromException(
            new ObjectStoreException(error, $"Injected: the request {operation} failed with {error} and took no effect.", operation.Name)),
    };

    /// <summary>
    /// The request takes effect, but its answer is lost: the caller gets <see cref="ObjectStoreError.Unavailable"/>, for a mutation
    /// with <see cref="ObjectStoreException.OutcomeUnknown"/>. A list is lost behind its last object.
    /// </summary>
    /// <returns>The fault.</returns>
    public static StoreFault FailAfter() => new()
    {
        After = (operation, _) => Task.FromException(
            new ObjectStoreException(ObjectStoreError.Unavailable, $"Injected: the answer to the request {operation} was lost.", operation.Name)
            {
                OutcomeUnknown = operation.IsMutation,
            }),
    };

    /// <summary>The stream of an <see cref="IObjectStore.OpenReadAsync"/> breaks with <see cref="ObjectStoreError.Unavailable"/>.</summary>
    /// <param name="bytes">How many bytes can be read before; 0 or more.</param>
    /// <returns>The fault; for any other request it is an <see cref="InvalidOperationException"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bytes"/> is negative.</exception>
    public static StoreFault TruncateRead(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return new() { ReadLimit = bytes };
    }

    /// <summary>The request is held before it takes effect, until it is cancelled or released.</summary>
    /// <param name="stall">Releases it; <see langword="null"/> holds it until it is cancelled.</param>
    /// <returns>The fault.</returns>
    public static StoreFault StallBefore(StoreStall? stall = null) => RunBefore((stall ?? new StoreStall()).HoldAsync);

    /// <summary>The request takes effect, and its answer is held until the request is cancelled or released.</summary>
    /// <param name="stall">Releases it; <see langword="null"/> holds it until it is cancelled.</param>
    /// <returns>The fault.</returns>
    public static StoreFault StallAfter(StoreStall? stall = null) => RunAfter((stall ?? new StoreStall()).HoldAsync);

    /// <summary>Code runs before the request takes effect; what it throws, the caller gets instead of the request.</summary>
    /// <param name="action">The code, with the token of the request.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="action"/> is <see langword="null"/>.</exception>
    public static StoreFault RunBefore(Func<CancellationToken, Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new() { Before = (_, cancellationToken) => action(cancellationToken) };
    }

    /// <summary>Code runs after the request took effect and before it is answered; what it throws, the caller gets instead of the answer.</summary>
    /// <param name="action">The code, with the token of the request.</param>
    /// <returns>The fault.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="action"/> is <see langword="null"/>.</exception>
    public static StoreFault RunAfter(Func<CancellationToken, Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new() { After = (_, cancellationToken) => action(cancellationToken) };
    }
}
