using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>The JSON of a manifest: Docker's schema 2, with layers of Ollama's own media types.</summary>
internal sealed record OllamaManifestDocument
{
    public int SchemaVersion { get; init; }

    public string? MediaType { get; init; }

    public OllamaLayer? Config { get; init; }

    public IReadOnlyList<OllamaLayer>? Layers { get; init; }

    /// <summary>Gets what makes it an index of several manifests instead.</summary>
    public JsonElement? Manifests { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    MaxDepth = OllamaJsonContext.MostDepth)]
[JsonSerializable(typeof(OllamaManifestDocument))]
[JsonSerializable(typeof(RegistryTokenDocument))]
[JsonSerializable(typeof(OllamaPullRequest))]
[JsonSerializable(typeof(OllamaPullLine))]
internal sealed partial class OllamaJsonContext : JsonSerializerContext
{
    public const int MostDepth = 16;
}
