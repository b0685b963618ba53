namespace Tabular.ModelCache.Stores;

/// <summary>How to write an object.</summary>
public sealed class ObjectWriteOptions
{
    /// <summary>Gets the conditions on the version that is replaced.</summary>
    public ObjectPreconditions Preconditions { get; init; }

    /// <summary>Gets the media type.</summary>
    /// <value>The default is <see langword="null"/>: the store chooses, <c>application/octet-stream</c> as a rule.</value>
    public string? ContentType { get; init; }

    /// <summary>Gets the <c>Cache-Control</c>.</summary>
    /// <value>The default is <see langword="null"/>: none.</value>
    public string? CacheControl { get; init; }

    /// <summary>Gets the storage class, for an object that is replaced more often than the bucket's default class allows without charge.</summary>
    /// <value>The default is <see langword="null"/>: the bucket's. Stores without classes ignore it.</value>
    public string? StorageClass { get; init; }

    /// <summary>Gets the custom metadata.</summary>
    /// <value>The default is <see langword="null"/>: none. Cloud Storage allows 8 KiB in all.</value>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>Gets how many bytes the content has, where that is known; lets a store choose between one request and several.</summary>
    /// <value>In bytes. Content of another length is refused with <see cref="ObjectStoreError.Corrupted"/> and nothing is written.</value>
    public long? Length { get; init; }

    /// <summary>Gets the CRC32C that the content must have, where that is known beforehand.</summary>
    /// <value>Content with another CRC32C is refused with <see cref="ObjectStoreError.Corrupted"/> and nothing is written.</value>
    public uint? Crc32C { get; init; }
}
