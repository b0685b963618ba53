using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>A change of custom metadata; a <see langword="null"/> value removes its key, so it must be written.</summary>
internal sealed class ObjectPatchResource
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required IReadOnlyDictionary<string, string?> Metadata { get; init; }
}
