using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Doctor;

/// <summary>How bad a finding is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingSeverity>))]
internal enum FindingSeverity
{
    /// <summary>It works, but slowly, expensively, or only for now.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Starts, pulls or readers fail because of it.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}
