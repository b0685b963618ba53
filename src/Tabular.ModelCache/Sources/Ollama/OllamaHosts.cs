using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>Where the registries that people use keep their blobs.</summary>
internal static class OllamaHosts
{
    // Blobs of Ollama's registry are in Cloudflare R2, behind presigned addresses.
    private static readonly string[] OfOllama = ["ollama.com", "*.ollama.com", "ollama.ai", "*.ollama.ai", "*.r2.cloudflarestorage.com"];

    private static readonly string[] OfHuggingFace = ["huggingface.co", "*.huggingface.co", "hf.co", "*.hf.co"];

    public static SourceHosts For(OllamaReference reference, IEnumerable<string> allowed)
    {
        var host = new Uri($"{reference.Scheme}://{reference.Host}/").IdnHost;
        return new SourceHosts(host, [.. BuiltIn(host.ToLowerInvariant()), .. allowed]);
    }

    private static string[] BuiltIn(string host) => host switch
    {
        OllamaReference.DefaultHost or "ollama.com" or "registry.ollama.com" => OfOllama,
        "hf.co" or "huggingface.co" => OfHuggingFace,
        _ => [],
    };
}
