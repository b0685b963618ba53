namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The metadata that goes up with content; the name is in the address, where logs and proxies see it.</summary>
internal sealed class ObjectUploadResource
{
    public string? ContentType { get; init; }

    public string? CacheControl { get; init; }

    public string? StorageClass { get; init; }

    /// <summary>Declared where it is known at the start: the server refuses content that differs.</summary>
    public string? Crc32c { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public static ObjectUploadResource Create(ObjectWriteOptions options, uint? crc32C) => new()
    {
        ContentType = options.ContentType,
        CacheControl = options.CacheControl,
        StorageClass = options.StorageClass,
        Crc32c = crc32C is { } value ? StorageHash.Format(value) : null,
        Metadata = options.Metadata,
    };
}
