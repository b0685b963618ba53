using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Operations;

/// <summary>What a change of the manifest by hand did.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeAction>))]
public enum ChangeAction
{
    /// <summary>The manifest said so already; nothing was written.</summary>
    [JsonStringEnumMemberName("unchanged")]
    Unchanged,

    /// <summary>An earlier version was made active, and the digest that was active is held back.</summary>
    [JsonStringEnumMemberName("rolledBack")]
    RolledBack,

    /// <summary>A kept version was made active, and nothing is held back.</summary>
    [JsonStringEnumMemberName("activated")]
    Activated,

    /// <summary>A version was pinned.</summary>
    [JsonStringEnumMemberName("pinned")]
    Pinned,

    /// <summary>The pin of a version was taken away.</summary>
    [JsonStringEnumMemberName("unpinned")]
    Unpinned,
}
