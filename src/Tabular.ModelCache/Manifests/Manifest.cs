using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>The pointer of the bucket: which versions exist, and which one is active, per model. Unknown members are kept.</summary>
/// <remarks>
/// Never changed once made. The members of these records can be set all the same, because the JSON generator gives an init-only member
/// that is absent its type's default instead of the one written here.
/// </remarks>
internal sealed record Manifest
{
    public const int CurrentSchemaVersion = 1;

    [JsonRequired]
    public int SchemaVersion { get; set; } = CurrentSchemaVersion;

    /// <summary>Rises by one at each flip.</summary>
    public long Sequence { get; set; }

    /// <summary>Random per flip, for people who compare two manifests.</summary>
    public string WriteId { get; set; } = "";

    public IReadOnlyDictionary<string, ManifestEntry> Models { get; set; } = new Dictionary<string, ManifestEntry>(StringComparer.Ordinal);

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>The manifest with one model's entry replaced; no other entry is touched.</summary>
    public Manifest With(string model, ManifestEntry entry, string writeId)
    {
        var models = new SortedDictionary<string, ManifestEntry>(StringComparer.Ordinal);
        foreach (var (name, other) in Models)
        {
            models[name] = other;
        }

        models[model] = entry;
        return this with { Sequence = checked(Sequence + 1), WriteId = writeId, Models = models };
    }
}
