using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>One published file.</summary>
internal sealed record ManifestFile
{
    /// <summary>The path below the version's folder.</summary>
    public string Path { get; set; } = "";

    public long Size { get; set; }

    public string Sha256 { get; set; } = "";

    /// <summary>Base64 of the four bytes, big endian, as Cloud Storage writes it.</summary>
    [JsonPropertyName("crc32c")]
    [JsonConverter(typeof(Crc32CConverter))]
    public uint Crc32C { get; set; }

    /// <summary>A string, as in Cloud Storage: it is a 64-bit number, which JSON readers with doubles would round.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString)]
    public long Generation { get; set; }

    /// <summary>The digests of the parts of a large file, so that it can be hashed in parallel.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FileRegions? Regions { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
