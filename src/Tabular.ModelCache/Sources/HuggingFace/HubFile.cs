using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>A file whose bytes are known already.</summary>
internal sealed class HubFile(byte[] content) : SourceFile
{
    public static HubFile Create(string path, byte[] content) =>
        new(content) { Path = path, Size = content.Length, Sha256 = Sha256Hex.Of(content) };

    public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<Stream>(new MemoryStream(content, writable: false));
}
