namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A blob that a manifest names. Its media type says what it is for; unknown ones are left to Ollama.</summary>
internal sealed record OllamaLayer
{
    public string? MediaType { get; init; }

    public required string Digest { get; init; }

    public required long Size { get; init; }
}
