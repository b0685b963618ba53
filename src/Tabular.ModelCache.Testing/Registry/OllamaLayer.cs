namespace Tabular.ModelCache.Testing;

/// <summary>A layer of an Ollama model.</summary>
/// <param name="MediaType">The media type in the manifest, such as <c>application/vnd.ollama.image.model</c>.</param>
/// <param name="File">The content; its path appears in the request log.</param>
public sealed record OllamaLayer(string MediaType, GeneratedFile File)
{
    private const string Prefix = "application/vnd.ollama.image.";

    /// <summary>Makes the layer of the weights, a GGUF file.</summary>
    /// <param name="file">The content.</param>
    /// <returns>The layer.</returns>
    public static OllamaLayer Model(GeneratedFile file) => new(Prefix + "model", file);

    /// <summary>Makes the layer of the prompt template.</summary>
    /// <param name="file">The content.</param>
    /// <returns>The layer.</returns>
    public static OllamaLayer Template(GeneratedFile file) => new(Prefix + "template", file);

    /// <summary>Makes the layer of a licence text; a model may have several.</summary>
    /// <param name="file">The content.</param>
    /// <returns>The layer.</returns>
    public static OllamaLayer License(GeneratedFile file) => new(Prefix + "license", file);

    /// <summary>Makes the layer of the parameters, a JSON object.</summary>
    /// <param name="file">The content.</param>
    /// <returns>The layer.</returns>
    public static OllamaLayer Params(GeneratedFile file) => new(Prefix + "params", file);
}
