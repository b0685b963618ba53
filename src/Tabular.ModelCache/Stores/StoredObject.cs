namespace Tabular.ModelCache.Stores;

/// <summary>The metadata of one version of an object.</summary>
public sealed record StoredObject
{
    /// <summary>Gets the name of the object.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the number of this content version. It is unique for the name; it is not promised to rise.</summary>
    /// <value>Greater than 0.</value>
    public required long Generation { get; init; }

    /// <summary>Gets the number of this metadata version. It starts at 1 for every generation and rises by one at each change.</summary>
    /// <value>Greater than 0. Meaningless without <see cref="Generation"/>.</value>
    public required long Metageneration { get; init; }

    /// <summary>Gets the length of the content.</summary>
    /// <value>In bytes, 0 or more.</value>
    public required long Size { get; init; }

    /// <summary>Gets the CRC32C (Castagnoli, RFC 3720) of the content.</summary>
    public required uint Crc32C { get; init; }

    /// <summary>Gets the custom metadata.</summary>
    /// <value>Never <see langword="null"/>; names are compared by their bytes.</value>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EmptyMetadata;

    /// <summary>Gets the media type that the writer gave.</summary>
    public string? ContentType { get; init; }

    /// <summary>Gets the <c>Cache-Control</c> that the writer gave.</summary>
    public string? CacheControl { get; init; }

    /// <summary>Gets when the store made this generation, by the store's clock.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Gets when the store last changed this version or its metadata, by the store's clock.</summary>
    public DateTimeOffset Updated { get; init; }

    internal static IReadOnlyDictionary<string, string> EmptyMetadata { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal).AsReadOnly();
}
