namespace Tabular.ModelCache.Stores.Directories;

/// <summary>The metadata of an object, as it lies beside its content.</summary>
internal sealed record Sidecar
{
    public const int CurrentSchemaVersion = 1;

    public required int SchemaVersion { get; init; }

    public required string Name { get; init; }

    public required long Generation { get; init; }

    public required long Metageneration { get; init; }

    public required FileIdentity File { get; init; }

    public required uint Crc32C { get; init; }

    public string? ContentType { get; init; }

    public string? CacheControl { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Updated { get; init; }

    public static Sidecar From(StoredObject item, FileIdentity file) => new()
    {
        SchemaVersion = CurrentSchemaVersion,
        Name = item.Name,
        Generation = item.Generation,
        Metageneration = item.Metageneration,
        File = file,
        Crc32C = item.Crc32C,
        ContentType = item.ContentType,
        CacheControl = item.CacheControl,
        Metadata = item.Metadata.Count == 0 ? null : item.Metadata,
        Created = item.Created,
        Updated = item.Updated,
    };

    public StoredObject ToStoredObject() => new()
    {
        Name = Name,
        Generation = Generation,
        Metageneration = Metageneration,
        Size = File.Size,
        Crc32C = Crc32C,
        ContentType = ContentType,
        CacheControl = CacheControl,
        Metadata = MetadataMerge.Copy(Metadata),
        Created = Created,
        Updated = Updated,
    };
}
