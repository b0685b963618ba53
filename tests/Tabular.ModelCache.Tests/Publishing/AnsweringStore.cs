using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A store that answers a change otherwise than it was made, or makes an object without reading what is sent.</summary>
internal sealed class AnsweringStore(IObjectStore inner, Func<StoredObject, StoredObject> answer, bool reads = true) : IObjectStore
{
    public string DisplayName => inner.DisplayName;

    public Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
        inner.GetAsync(name, preconditions, cancellationToken);

    public Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.OpenReadAsync(name, options, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, cancellationToken);

    public async Task<StoredObject> WriteAsync(
        string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        answer(await inner.WriteAsync(name, reads ? content : new MemoryStream(), reads ? options : null, cancellationToken));

    public Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default) => inner.PatchMetadataAsync(name, metadata, preconditions, cancellationToken);

    public async Task<StoredObject> MoveAsync(
        string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        answer(await inner.MoveAsync(source, destination, options, cancellationToken));

    public async Task<StoredObject> CopyAsync(
        string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        answer(await inner.CopyAsync(source, destination, options, cancellationToken));

    public async Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources, string destination, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        answer(await inner.ComposeAsync(sources, destination, options, cancellationToken));

    public Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.DeleteAsync(name, options, cancellationToken);
}
