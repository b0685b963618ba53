using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>A version that is being deleted. The entry stays until a later flip finds its folder empty.</summary>
internal sealed record DoomedVersion
{
    public string Version { get; set; } = "";

    public string Path { get; set; } = "";

    public DateTimeOffset DoomedAt { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
