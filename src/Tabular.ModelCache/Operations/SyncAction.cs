using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Operations;

/// <summary>What became of a model in a sync.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SyncAction>))]
public enum SyncAction
{
    /// <summary>The active version is that of the source; nothing was published.</summary>
    [JsonStringEnumMemberName("unchanged")]
    Unchanged,

    /// <summary>A version was made and put into the manifest.</summary>
    [JsonStringEnumMemberName("published")]
    Published,

    /// <summary>A complete version of a run that died was put into the manifest.</summary>
    [JsonStringEnumMemberName("adopted")]
    Adopted,

    /// <summary>A kept version that was never active was made active.</summary>
    [JsonStringEnumMemberName("activated")]
    Activated,

    /// <summary>The source is at a digest that an operator rolled back from, or that was active before; only <c>activate</c> brings it back.</summary>
    [JsonStringEnumMemberName("held")]
    Held,

    /// <summary>The active version was damaged, and its content was published again as a version of another name.</summary>
    [JsonStringEnumMemberName("healed")]
    Healed,

    /// <summary>Another process held the lease for as long as it was waited for; nothing was changed.</summary>
    [JsonStringEnumMemberName("busy")]
    Busy,

    /// <summary>It failed; <see cref="SyncResult.Error"/> says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}
