using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>What a token server of a registry answers (distribution, docs/spec/auth/token).</summary>
internal sealed record RegistryTokenDocument
{
    public string? Token { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }
}
