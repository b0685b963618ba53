namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>One file of a repository at a commit.</summary>
/// <param name="Path">Its path in the repository; checked.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="BlobId">Its git blob id; of a file in LFS, that of the pointer.</param>
/// <param name="Sha256">The SHA-256 of a file in LFS; <see langword="null"/> of others.</param>
internal sealed record HubEntry(string Path, long Size, string BlobId, string? Sha256)
{
    /// <summary>Gets the folder of the file, without a slash at the end; empty for the root.</summary>
    public string Folder => Path.LastIndexOf('/') is var slash and >= 0 ? Path[..slash] : "";

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
