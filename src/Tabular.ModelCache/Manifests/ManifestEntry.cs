using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Manifests;

/// <summary>What the manifest says of one model.</summary>
internal sealed record ManifestEntry
{
    public string Kind { get; set; } = "";

    /// <summary>The attempt (<c>epoch-nonce</c>) that last wrote this entry; an ambiguous flip is settled by it.</summary>
    public string Attempt { get; set; } = "";

    public string? Active { get; set; }

    /// <summary>Versions that are never pruned.</summary>
    public IReadOnlyList<string> Pins { get; set; } = [];

    /// <summary>The upstream digest that an operator rolled back from: no automatic run activates it again.</summary>
    public string? Held { get; set; }

    /// <summary>Why, in the words of the operator who rolled back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HeldReason { get; set; }

    /// <summary>Versions that are being deleted: never adopted, activated or pinned.</summary>
    public IReadOnlyList<DoomedVersion> Doomed { get; set; } = [];

    /// <summary>The kept versions, newest first.</summary>
    public IReadOnlyList<ManifestVersion> Versions { get; set; } = [];

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    public ManifestVersion? Find(string? version) => version is null ? null : Versions.FirstOrDefault(v => v.Version == version);

    [JsonIgnore]
    public ManifestVersion? ActiveVersion => Find(Active);

    public bool IsDoomed(string version) => Doomed.Any(d => d.Version == version);

    /// <summary>
    /// Whether a later version has the same content, which happens when a damaged one was published again. Then this is the damaged one:
    /// nobody starts on it, and what still runs on it has its grace period.
    /// </summary>
    public bool IsSuperseded(ManifestVersion version) =>
        Versions.TakeWhile(v => v.Version != version.Version).Any(v => v.Checksums == version.Checksums);

    /// <summary>The version to serve where this one is wanted: the same content, as it was published last.</summary>
    public ManifestVersion LatestCopyOf(ManifestVersion version) => Versions.First(v => v.Checksums == version.Checksums);

    /// <summary>Whether two entries say the same, unknown members included.</summary>
    public static bool Same(ManifestEntry? one, ManifestEntry? other) =>
        one is null || other is null
            ? one is null && other is null
            : ManifestJson.SerializeEntry(one).AsSpan().SequenceEqual(ManifestJson.SerializeEntry(other));
}
