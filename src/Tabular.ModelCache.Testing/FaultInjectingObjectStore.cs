using System.Runtime.CompilerServices;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Puts faults between a caller and an object store, and keeps a log of the requests.</summary>
/// <example>
/// The third change of the store takes effect, but its answer is lost:
/// <code>
/// var changes = 0;
/// var store = new FaultInjectingObjectStore(new InMemoryObjectStore(), operation =>
///     operation.IsMutation &amp;&amp; ++changes == 3 ? StoreFault.FailAfter() : StoreFault.None);
/// </code>
/// </example>
public sealed class FaultInjectingObjectStore : IObjectStore
{
    private readonly Lock _gate = new();
    private readonly IObjectStore _inner;
    private readonly List<StoreOperation> _log = [];
    private long _sequence;

    /// <summary>Wraps a store.</summary>
    /// <param name="inner">The store that requests reach.</param>
    /// <param name="inject">Answers each request with a fault; <see langword="null"/> injects none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="inner"/> is <see langword="null"/>.</exception>
    public FaultInjectingObjectStore(IObjectStore inner, Func<StoreOperation, StoreFault>? inject = null)
    {
        _inner = inner ?? throw new ArgumentNullException(nameof(inner));
        Inject = inject;
    }

    /// <summary>
    /// Gets or sets what answers each request with a fault. It is called once for each request, before it takes effect, and one at a time;
    /// it must not call the store.
    /// </summary>
    public Func<StoreOperation, StoreFault>? Inject { get; set; }

    /// <inheritdoc/>
    public string DisplayName => _inner.DisplayName;

    /// <summary>Gets the requests so far, in the order in which they came.</summary>
    /// <param name="clear">Whether to empty the log; the sequence numbers go on.</param>
    /// <returns>A copy.</returns>
    public IReadOnlyList<StoreOperation> GetSnapshot(bool clear = false)
    {
        lock (_gate)
        {
            var snapshot = _log.ToArray();
            if (clear)
            {
                _log.Clear();
            }

            return snapshot;
        }
    }

    /// <inheritdoc/>
    public Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
        RunAsync(StoreOperationKind.Get, name, null, () => _inner.GetAsync(name, preconditions, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (operation, fault) = Begin(StoreOperationKind.OpenRead, name, null);
        await BeforeAsync(operation, fault, cancellationToken).ConfigureAwait(false);
        var content = await _inner.OpenReadAsync(name, options, cancellationToken).ConfigureAwait(false);
        try
        {
            await AfterAsync(operation, fault, cancellationToken).ConfigureAwait(false);
        }
        catch when (content is not null)
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return content is not null && fault.ReadLimit is { } limit
            ? new ObjectContent(content.Metadata, new TruncatedStream(content.Stream, name, limit))
            : content;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (operation, fault) = Begin(StoreOperationKind.List, prefix, null);
        await BeforeAsync(operation, fault, cancellationToken).ConfigureAwait(false);
        await foreach (var item in _inner.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }

        await AfterAsync(operation, fault, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(StoreOperationKind.Write, name, null, () => _inner.WriteAsync(name, content, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default) =>
        RunAsync(
            StoreOperationKind.PatchMetadata,
            name,
            null,
            () => _inner.PatchMetadataAsync(name, metadata, preconditions, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(StoreOperationKind.Move, source, destination, () => _inner.MoveAsync(source, destination, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(StoreOperationKind.Copy, source, destination, () => _inner.CopyAsync(source, destination, options, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources,
        string destination,
        ObjectWriteOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(
            StoreOperationKind.Compose,
            sources is [var first, ..] ? first.Name : "",
            destination,
            () => _inner.ComposeAsync(sources, destination, options, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(
            StoreOperationKind.Delete,
            name,
            null,
            async () =>
            {
                await _inner.DeleteAsync(name, options, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    private static Task BeforeAsync(StoreOperation operation, StoreFault fault, CancellationToken cancellationToken) =>
        fault.Before?.Invoke(operation, cancellationToken) ?? Task.CompletedTask;

    private static Task AfterAsync(StoreOperation operation, StoreFault fault, CancellationToken cancellationToken) =>
        fault.After?.Invoke(operation, cancellationToken) ?? Task.CompletedTask;

    private async Task<T> RunAsync<T>(
        StoreOperationKind kind,
        string name,
        string? destination,
        Func<Task<T>> request,
        CancellationToken cancellationToken)
    {
        var (operation, fault) = Begin(kind, name, destination);
        await BeforeAsync(operation, fault, cancellationToken).ConfigureAwait(false);
        var answer = await request().ConfigureAwait(false);
        await AfterAsync(operation, fault, cancellationToken).ConfigureAwait(false);
        return answer;
    }

    private (StoreOperation Operation, StoreFault Fault) Begin(StoreOperationKind kind, string name, string? destination)
    {
        lock (_gate)
        {
            var operation = new StoreOperation(++_sequence, kind, name, destination);
            _log.Add(operation);
            var fault = Inject?.Invoke(operation) ?? StoreFault.None;
            return fault.ReadLimit is not null && kind is not StoreOperationKind.OpenRead
                ? throw new InvalidOperationException($"StoreFault.TruncateRead is for OpenRead only, but was given for {operation}.")
                : (operation, fault);
        }
    }
}
