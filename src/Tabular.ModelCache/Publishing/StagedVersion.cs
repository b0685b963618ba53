using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>A version whose files are all staged.</summary>
/// <param name="Area">Where they are staged.</param>
/// <param name="Files">The files, with the generations of their staged objects.</param>
/// <param name="Checksums">The content of <c>SHA256SUMS</c>.</param>
/// <param name="BytesPulled">The bytes read from the source.</param>
/// <param name="BytesCopied">The bytes copied or moved on the server instead.</param>
internal sealed record StagedVersion(StagingArea Area, IReadOnlyList<ManifestFile> Files, byte[] Checksums, long BytesPulled, long BytesCopied)
{
    /// <summary>The SHA-256 of <c>SHA256SUMS</c>, for which the version is named.</summary>
    public string Digest { get; } = Sha256Hex.Of(Checksums);
}
