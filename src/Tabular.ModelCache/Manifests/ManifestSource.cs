using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>Where a version came from, and the digest or commit that the source resolved to.</summary>
internal sealed record ManifestSource
{
    public string Uri { get; set; } = "";

    public string Digest { get; set; } = "";

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
