namespace Tabular.ModelCache.Stores;

/// <summary>The content of an object that was opened for reading, with the metadata of exactly that version.</summary>
/// <param name="metadata">The metadata of the version whose bytes <paramref name="stream"/> yields.</param>
/// <param name="stream">The bytes.</param>
public sealed class ObjectContent(StoredObject metadata, Stream stream) : IAsyncDisposable
{
    /// <summary>Gets the metadata of the version whose bytes <see cref="Stream"/> yields.</summary>
    public StoredObject Metadata { get; } = metadata ?? throw new ArgumentNullException(nameof(metadata));

    /// <summary>Gets the bytes; forward only, disposed with this object.</summary>
    public Stream Stream { get; } = stream ?? throw new ArgumentNullException(nameof(stream));

    /// <summary>Closes the stream and with it the request, also when it was not read to its end.</summary>
    /// <returns>A task that ends when the stream is closed.</returns>
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
