namespace Tabular.ModelCache.Sources.Ollama;

/// <summary>The manifest, which is in memory already. Ollama identifies a model by these very bytes.</summary>
internal sealed class ManifestSourceFile(byte[] bytes) : SourceFile
{
    public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<Stream>(new MemoryStream(bytes, writable: false));

    /// <summary>Lists the files of a model: every blob, and then the manifest that makes them one.</summary>
    public static IReadOnlyList<SourceFile> List(OllamaReference reference, OllamaManifest manifest, Func<OllamaBlob, SourceFile> open) =>
    [
        .. manifest.Blobs.Select(open),
        new ManifestSourceFile(manifest.Bytes) { Path = reference.ManifestPath, Size = manifest.Bytes.Length, Sha256 = manifest.Sha256 },
    ];
}
