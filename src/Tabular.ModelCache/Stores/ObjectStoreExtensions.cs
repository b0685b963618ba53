namespace Tabular.ModelCache.Stores;

/// <summary>Reads and writes of small objects in one piece.</summary>
internal static class ObjectStoreExtensions
{
    /// <summary>Reads a whole object into memory, up to a limit.</summary>
    /// <returns><see langword="null"/> when it does not exist.</returns>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.Corrupted"/> when the object is larger than the limit.</exception>
    public static async Task<SmallObject?> ReadAllAsync(this IObjectStore store, string name, int limit, CancellationToken cancellationToken)
    {
        var content = await store.OpenReadAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            return null;
        }

        await using var owner = content.ConfigureAwait(false);
        if (content.Metadata.Size > limit)
        {
            throw new ObjectStoreException(
                ObjectStoreError.Corrupted,
                $"{store.DisplayName}/{name} has {content.Metadata.Size} bytes; expected are at most {limit}.",
                name);
        }

        var bytes = new byte[content.Metadata.Size];
        await content.Stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);

        // The store checks the CRC32C of a whole object when it answers the read of its end.
        var end = new byte[1];
        if (await content.Stream.ReadAsync(end, cancellationToken).ConfigureAwait(false) != 0)
        {
            throw new ObjectStoreException(ObjectStoreError.Corrupted, $"{store.DisplayName}/{name} has more bytes than its metadata say.", name);
        }

        return new SmallObject(content.Metadata, bytes);
    }

    public static async Task<StoredObject> WriteBytesAsync(
        this IObjectStore store, string name, byte[] bytes, ObjectWriteOptions options, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        return await store.WriteAsync(name, stream, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates an object that is the same whoever writes it: one that exists with the same bytes counts as written.</summary>
    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.PreconditionFailed"/> when the object exists with other bytes.
    /// </exception>
    public static async Task<StoredObject> WriteOnceAsync(
        this IObjectStore store, string name, byte[] bytes, string contentType, CancellationToken cancellationToken)
    {
        var crc32C = Crc32C.Compute(bytes);
        try
        {
            return await store.WriteBytesAsync(
                name,
                bytes,
                new ObjectWriteOptions
                {
                    Preconditions = ObjectPreconditions.MustNotExist,
                    ContentType = contentType,
                    Length = bytes.Length,
                    Crc32C = crc32C,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
        {
            var found = await store.GetAsync(name, cancellationToken: cancellationToken).ConfigureAwait(false);
            return found?.Size == bytes.Length && found.Crc32C == crc32C
                ? found
                : throw new ObjectStoreException(
                    ObjectStoreError.PreconditionFailed,
                    $"{store.DisplayName}/{name} exists with other bytes than were to be written: expected {bytes.Length} bytes with crc32c {crc32C:x8}, " +
                    $"found {(found is null ? "nothing" : $"{found.Size} bytes with crc32c {found.Crc32C:x8}")}.",
                    name,
                    e);
        }
    }
}
