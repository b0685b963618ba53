namespace Tabular.ModelCache;

/// <summary>The kinds of models: the layout of their files, and the folder of the bucket that they lie in.</summary>
public static class ModelKinds
{
    /// <summary>Ollama's store: <c>blobs/</c> and <c>manifests/</c>.</summary>
    public const string Ollama = "ollama";

    /// <summary>The Hugging Face cache, as sentence-transformers reads it: <c>models--org--name/</c>.</summary>
    public const string Sbert = "sbert";
}
