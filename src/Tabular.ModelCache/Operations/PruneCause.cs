using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Operations;

/// <summary>Why a version is removed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PruneCause>))]
public enum PruneCause
{
    /// <summary>Enough newer versions are kept, or its content was published again, and its grace period is over.</summary>
    [JsonStringEnumMemberName("retention")]
    Retention,

    /// <summary>A run died before it had made the version active, and the source has moved on.</summary>
    [JsonStringEnumMemberName("abandoned")]
    Abandoned,

    /// <summary>An earlier run has begun to delete it and did not finish.</summary>
    [JsonStringEnumMemberName("unfinished")]
    Unfinished,
}
