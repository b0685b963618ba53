namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>A blob of Ollama's store.</summary>
/// <param name="Sha256">Its digest: 64 hex digits.</param>
/// <param name="Size">Its length in bytes.</param>
internal sealed record OllamaBlob(string Sha256, long Size)
{
    /// <summary>Gets its path in the store, where a dash stands for the colon.</summary>
    public string Path => $"blobs/sha256-{Sha256}";
}
