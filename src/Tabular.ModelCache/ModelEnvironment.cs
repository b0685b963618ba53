namespace Tabular.ModelCache;

/// <summary>The environment in which a reader finds one version, and only that.</summary>
internal static class ModelEnvironment
{
    public static IReadOnlyDictionary<string, string> For(string kind, string path)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (kind == ModelKinds.Ollama)
        {
            variables["OLLAMA_MODELS"] = path;

            // Without it `ollama serve` deletes every file of blobs/ that its manifests do not name, and fails on a read-only mount.
            variables["OLLAMA_NOPRUNE"] = "1";
        }
        else
        {
            variables["HF_HUB_CACHE"] = path;
            variables["HUGGINGFACE_HUB_CACHE"] = path;
            variables["SENTENCE_TRANSFORMERS_HOME"] = path;

            // Offline readers write nothing: no locks, no refs (huggingface_hub file_download.py), so a read-only mount is enough.
            variables["HF_HUB_OFFLINE"] = "1";
            variables["TRANSFORMERS_OFFLINE"] = "1";
        }

        return variables.AsReadOnly();
    }
}
