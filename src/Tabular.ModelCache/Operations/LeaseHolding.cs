using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Operations;

/// <summary>Whether somebody holds a lease.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LeaseHolding>))]
public enum LeaseHolding
{
    /// <summary>The last holder gave it back, or it was taken from it.</summary>
    [JsonStringEnumMemberName("released")]
    Released,

    /// <summary>Somebody has it.</summary>
    [JsonStringEnumMemberName("held")]
    Held,
}
