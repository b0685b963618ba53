namespace Tabular.ModelCache.Stores;

/// <summary>
/// The one seam to storage: named immutable byte sequences with generations, metagenerations and preconditions.
/// </summary>
/// <remarks>
/// The semantics are those of Google Cloud Storage (<see href="https://cloud.google.com/storage/docs/generations-preconditions"/>).
/// Every implementation must pass the contract suite of this repository. An object is visible completely or not at all, a read never
/// mixes two generations, and a successful write is seen by every later read (strong consistency).
/// <para/>
/// Names are relative, separated by <c>/</c>, and checked by <see cref="ObjectName.Validate"/>.
/// Every method throws <see cref="ObjectStoreException"/> for a failure of the store, <see cref="ArgumentException"/> for an invalid
/// name, and <see cref="OperationCanceledException"/> when its token is cancelled.
/// </remarks>
public interface IObjectStore
{
    /// <summary>Gets where the objects live, for messages: <c>gs://bucket/prefix</c> or a directory.</summary>
    string DisplayName { get; }

    /// <summary>Reads the metadata of an object.</summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="preconditions">Conditions on the live version.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The metadata, or <see langword="null"/> when no live version exists and no precondition was given that needs one.</returns>
    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.PreconditionFailed"/> when a <c>Match</c> condition does not hold,
    /// <see cref="ObjectStoreError.NotModified"/> when a <c>NotMatch</c> condition does not hold.
    /// </exception>
    Task<StoredObject?> GetAsync(string name, ObjectPreconditions preconditions = default, CancellationToken cancellationToken = default);

    /// <summary>Opens the bytes of an object, or a range of them, for sequential reading.</summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="options">Range, pinned generation and conditions; <see langword="null"/> reads the whole live version.</param>
    /// <param name="cancellationToken">Cancels the request; reads of the returned stream take their own tokens.</param>
    /// <returns>Metadata and content, or <see langword="null"/> when the object, or its pinned generation, does not exist.</returns>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="GetAsync"/>, and <see cref="ObjectStoreError.RangeNotSatisfiable"/> when the range starts at or behind the end
    /// of an object. A stream that ends early or whose whole content has another CRC32C throws
    /// <see cref="ObjectStoreError.Unavailable"/> or <see cref="ObjectStoreError.Corrupted"/> from its read, never a short content.
    /// </exception>
    Task<ObjectContent?> OpenReadAsync(string name, ObjectReadOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Lists the live objects whose names start with a prefix, ordered by the UTF-8 bytes of their names.</summary>
    /// <param name="prefix">The prefix; empty lists everything. A folder is listed with a trailing <c>/</c>.</param>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <returns>The objects, read page by page.</returns>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>Writes an object.</summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="content">
    /// The bytes. The object is created only after the stream has answered a read with 0: a stream that throws leaves nothing behind,
    /// which is how a writer withholds an object until its digest is proven.
    /// </param>
    /// <param name="options">Metadata and conditions; <see langword="null"/> overwrites unconditionally.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>The metadata of the new version, with a new <see cref="StoredObject.Generation"/> and a metageneration of 1.</returns>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="GetAsync"/>. Conditions are evaluated when the content is complete, so a long write can fail at its end.
    /// <see cref="ObjectStoreException.OutcomeUnknown"/> tells that the write may have taken effect.
    /// </exception>
    Task<StoredObject> WriteAsync(string name, Stream content, ObjectWriteOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Merges custom metadata into the live version; its generation stays, its metageneration rises by one.</summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="metadata">Keys to set; a <see langword="null"/> value removes the key. Other keys stay.</param>
    /// <param name="preconditions">Conditions on the live version.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The metadata after the change.</returns>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="GetAsync"/>, and <see cref="ObjectStoreError.NotFound"/> when no live version exists.
    /// </exception>
    Task<StoredObject> PatchMetadataAsync(
        string name,
        IReadOnlyDictionary<string, string?> metadata,
        ObjectPreconditions preconditions = default,
        CancellationToken cancellationToken = default);

    /// <summary>Renames an object on the server, atomically; custom metadata moves with it.</summary>
    /// <param name="source">The name of the object.</param>
    /// <param name="destination">The new name.</param>
    /// <param name="options">Conditions on both; <see langword="null"/> replaces the destination unconditionally.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The metadata of the destination, with a new generation and a metageneration of 1.</returns>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="GetAsync"/>, <see cref="ObjectStoreError.NotFound"/> when the source does not exist, and
    /// <see cref="ObjectStoreError.InvalidRequest"/> when source and destination are the same.
    /// </exception>
    Task<StoredObject> MoveAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Copies an object on the server; custom metadata is copied with it, and no byte passes through this process.</summary>
    /// <param name="source">The name of the object.</param>
    /// <param name="destination">The name of the copy.</param>
    /// <param name="options">Conditions on both; <see langword="null"/> replaces the destination unconditionally.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The metadata of the copy, with a new generation and a metageneration of 1.</returns>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="GetAsync"/>, and <see cref="ObjectStoreError.NotFound"/> when the source does not exist.
    /// </exception>
    Task<StoredObject> CopyAsync(string source, string destination, ObjectTransferOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Joins objects on the server, in their order, into one; the sources stay, and no byte passes through this process.</summary>
    /// <param name="sources">The versions to join: 1 to <see cref="ComposeSource.MaxCount"/>. One may occur more than once.</param>
    /// <param name="destination">The name of the joined object.</param>
    /// <param name="options">
    /// As for <see cref="WriteAsync"/>; custom metadata of the sources is not taken over. <see langword="null"/> overwrites unconditionally.
    /// </param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The metadata of the joined object, with a new generation and a metageneration of 1.</returns>
    /// <exception cref="ArgumentException">There are no sources, or too many.</exception>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="WriteAsync"/>, and <see cref="ObjectStoreError.NotFound"/> when a source does not exist in its generation.
    /// </exception>
    Task<StoredObject> ComposeAsync(
        IReadOnlyList<ComposeSource> sources,
        string destination,
        ObjectWriteOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Deletes an object.</summary>
    /// <param name="name">The name of the object.</param>
    /// <param name="options">The generation and conditions; <see langword="null"/> deletes the live version unconditionally.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ObjectStoreException">
    /// As for <see cref="GetAsync"/>, and <see cref="ObjectStoreError.NotFound"/> when the object, or the given generation, does not exist.
    /// </exception>
    Task DeleteAsync(string name, ObjectDeleteOptions? options = null, CancellationToken cancellationToken = default);
}
