using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tabular.ModelCache.Testing;

/// <summary>How both registries write JSON: a plus sign stays a plus sign.</summary>
internal static class RegistryJson
{
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
