using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>One kept version. Everything but <see cref="RetiredAt"/> stays as it was published.</summary>
internal sealed record ManifestVersion
{
    public string Version { get; init; } = "";

    /// <summary>The folder in the bucket: <c>kind/version</c>.</summary>
    public string Path { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was active last; unset while it is active, and when it never was.</summary>
    public DateTimeOffset? RetiredAt { get; init; }

    public ManifestSource Source { get; init; } = new();

    /// <summary>The size of the model's files, markers not counted.</summary>
    public long Bytes { get; init; }

    /// <summary>The SHA-256 of <c>SHA256SUMS</c>.</summary>
    public string Checksums { get; init; } = "";

    /// <summary>All files, markers included.</summary>
    public IReadOnlyList<ManifestFile> Files { get; init; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
