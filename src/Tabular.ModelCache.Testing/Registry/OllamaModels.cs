namespace Tabular.ModelCache.Testing;

/// <summary>Generated models in the shape of real ones of the Ollama registry.</summary>
public static class OllamaModels
{
    private const long Llama32Weights = 1_321_082_688;

    private const string Template = """
        <|start_header_id|>system<|end_header_id|>

        {{ if .System }}{{ .System }}{{ end }}<|eot_id|>
        {{- range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>

        {{ .Content }}<|eot_id|>
        {{- end }}<|start_header_id|>assistant<|end_header_id|>
        """;

    private const string Config = """
        {"model_format":"gguf","model_family":"llama","model_families":["llama"],"model_type":"1.2B","file_type":"Q8_0","architecture":"amd64","os":"linux"}
        """;

    /// <summary>Makes a model in the shape of <c>library/llama3.2:1b</c>: weights, template, two licence layers and a configuration.</summary>
    /// <param name="scale">The size of the weights as a part of the real 1 321 082 688 bytes; they keep 65 536 bytes at least.</param>
    /// <param name="seed">Another seed gives other weights: a newer version.</param>
    /// <returns>The model; its digests are not those of the real one.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="scale"/> is not above 0.</exception>
    public static OllamaModel Llama32(double scale = 1, long seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        var size = Math.Max(GgufHeader.MinimumSize, (long)(Llama32Weights * scale));
        return new OllamaModel(
            GeneratedFile.Text("config", Config, 485),
            OllamaLayer.Model(GeneratedFile.Gguf("model", size, seed)),
            OllamaLayer.Template(GeneratedFile.Text("template", Template, 1429)),
            OllamaLayer.License(GeneratedFile.Text("license-1", "The weights of this model are generated and mean nothing.\n", 7711)),
            OllamaLayer.License(GeneratedFile.Text("license-2", "Use of this model: tests and demonstrations.\n", 6016)));
    }
}
