namespace Tabular.ModelCache;

/// <summary>How models are pulled from the Ollama registry and the Hugging Face Hub.</summary>
/// <remarks>Proxies are those of the variables <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>.</remarks>
public sealed class SourceOptions
{
    /// <summary>Gets or sets the address of the Hugging Face Hub.</summary>
    /// <value>
    /// An absolute http or https address. When it is not set, the variable <c>HF_ENDPOINT</c> is used, and without that
    /// <c>https://huggingface.co</c>.
    /// </value>
    public string? HuggingFaceEndpoint { get; set; }

    /// <summary>Gets or sets the token for private and gated repositories of the Hub. It is sent to <see cref="HuggingFaceEndpoint"/> alone.</summary>
    /// <value>When it is not set, the variable <c>HF_TOKEN</c> is used, then <c>HUGGING_FACE_HUB_TOKEN</c>, and without those none.</value>
    public string? HuggingFaceToken { get; set; }

    /// <summary>Gets further hosts to which a registry or the Hub may redirect a download.</summary>
    /// <value>
    /// Host names, or <c>*.example.com</c> for all hosts below a domain. A source's own host and the content networks of
    /// registry.ollama.ai and huggingface.co are always allowed. Empty by default.
    /// </value>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Gets or sets the <c>ollama</c> program that pulls <c>ollama://</c> models into a scratch folder, for registries that only it can sign in to.</summary>
    /// <value>A path, or a name that is looked up in <c>PATH</c>. The default is none: models are streamed without any program.</value>
    public string? OllamaProgram { get; set; }
}
