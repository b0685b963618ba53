using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>Passes everything on; a planted bug changes what it needs.</summary>
internal abstract class DelegatingStore(IObjectStore inner) : IObjectStore
{
    public string DisplayName => Inner.DisplayName;

    protected IObjectStore Inner { get; } = inner;

    public virtual Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default) =>
        Inner.GetAsync(name, preconditions, cancellationToken);

    public virtual Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.OpenReadAsync(name, options, cancellationToken);

    public virtual IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken = default) =>
        Inner.ListAsync(prefix, cancellationToken);

    public virtual Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.WriteAsync(name, content, options, cancellationToken);

    public virtual Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default) =>
        Inner.PatchMetadataAsync(name, metadata, preconditions, cancellationToken);

    public virtual Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.MoveAsync(source, destination, options, cancellationToken);

    public virtual Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.CopyAsync(source, destination, options, cancellationToken);

    public virtual Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources, string destination, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.ComposeAsync(sources, destination, options, cancellationToken);

    public virtual Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default) =>
        Inner.DeleteAsync(name, options, cancellationToken);

    /// <summary>Reads a content to its end, so that it can be looked at and sent.</summary>
    protected static async Task<byte[]> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        return buffer.ToArray();
    }

    /// <summary>The same options with other preconditions.</summary>
    protected static ObjectWriteOptions With(ObjectWriteOptions? options, ObjectPreconditions preconditions) => new()
    {
        Preconditions = preconditions,
        ContentType = options?.ContentType,
        CacheControl = options?.CacheControl,
        StorageClass = options?.StorageClass,
        Metadata = options?.Metadata,
        Crc32C = options?.Crc32C,
    };
}
