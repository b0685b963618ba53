namespace Tabular.ModelCache.Stores;

/// <summary>Custom metadata as a snapshot that nobody can change later.</summary>
internal static class MetadataMerge
{
    public static IReadOnlyDictionary<string, string> Copy(IReadOnlyDictionary<string, string>? metadata) =>
        metadata is null or { Count: 0 }
            ? StoredObject.EmptyMetadata
            : new Dictionary<string, string>(metadata, StringComparer.Ordinal).AsReadOnly();

    public static IReadOnlyDictionary<string, string> Apply(
        IReadOnlyDictionary<string, string> current,
        IReadOnlyDictionary<string, string?> changes)
    {
        var merged = new Dictionary<string, string>(current, StringComparer.Ordinal);
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(key);
            }
            else
            {
                merged[key] = value;
            }
        }

        return merged.AsReadOnly();
    }
}
