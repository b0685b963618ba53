using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>One kept version. Everything but <see cref="RetiredAt"/> stays as it was published.</summary>
internal sealed record ManifestVersion
{
    public string Version { get; set; } = "";

    /// <summary>The folder in the bucket: <c>kind/version</c>.</summary>
    public string Path { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it was active last; unset while it is active, and when it never was.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    public ManifestSource Source { get; set; } = new();

    /// <summary>The size of the model's files, markers not counted.</summary>
    public long Bytes { get; set; }

    /// <summary>The SHA-256 of <c>SHA256SUMS</c>.</summary>
    public string Checksums { get; set; } = "";

    /// <summary>All files, markers included.</summary>
    public IReadOnlyList<ManifestFile> Files { get; set; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>Whether two entries stand for the same objects: a version that was made again has other generations.</summary>
    public static bool SameContent(ManifestVersion one, ManifestVersion other) =>
        one.Version == other.Version && one.Files.Select(f => f.Generation).SequenceEqual(other.Files.Select(f => f.Generation));
}
