namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>An object as the JSON API answers it, as far as <see cref="StorageFields.Object"/> asks for it.</summary>
internal sealed class ObjectResource
{
    public string? Name { get; init; }

    public long Generation { get; init; }

    public long Metageneration { get; init; }

    public long Size { get; init; }

    public string? Crc32c { get; init; }

    public Dictionary<string, string>? Metadata { get; init; }

    public string? ContentType { get; init; }

    public string? CacheControl { get; init; }

    public DateTimeOffset TimeCreated { get; init; }

    public DateTimeOffset Updated { get; init; }

    /// <summary>Turns the answer into what the store returns.</summary>
    /// <exception cref="InvalidDataException">A field that every object has is absent or malformed.</exception>
    public StoredObject ToStoredObject(string prefix)
    {
        if (Name is null || !Name.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"the object's name '{Name}' does not start with '{prefix}'");
        }

        if (Generation <= 0 || Metageneration <= 0 || Size < 0)
        {
            throw new InvalidDataException($"generation {Generation}, metageneration {Metageneration} or size {Size} of '{Name}' is impossible");
        }

        return new StoredObject
        {
            Name = Name[prefix.Length..],
            Generation = Generation,
            Metageneration = Metageneration,
            Size = Size,
            Crc32C = StorageHash.Parse(Crc32c) ?? throw new InvalidDataException(
                $"'{Name}' has no crc32c; Cloud Storage hides it for objects under a customer-supplied key, which cannot be used here"),
            Metadata = Metadata is { Count: > 0 } ? Metadata.AsReadOnly() : StoredObject.EmptyMetadata,
            ContentType = ContentType,
            CacheControl = CacheControl,
            Created = TimeCreated,
            Updated = Updated,
        };
    }
}
