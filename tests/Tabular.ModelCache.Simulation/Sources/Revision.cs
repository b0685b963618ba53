using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>What the upstream has of a model under one digest.</summary>
internal sealed record Revision(string Model, string Digest, IReadOnlyList<RevisionFile> Files)
{
    public byte[] Checksums { get; } = ChecksumFile.Format(Files.Select(f => (f.Path, f.Sha256)));

    public string ChecksumsDigest => Sha256Hex.Of(Checksums);

    /// <summary>What must lie at a path of the version's folder; <see langword="null"/> for a path that does not belong there.</summary>
    public byte[]? Expected(string path) => path switch
    {
        VersionFiles.Checksums => Checksums,
        VersionFiles.Done => System.Text.Encoding.ASCII.GetBytes(ChecksumsDigest + "\n"),
        _ => Files.FirstOrDefault(f => f.Path == path)?.Content,
    };

    public IEnumerable<string> AllPaths => Files.Select(f => f.Path).Concat([VersionFiles.Checksums, VersionFiles.Done]);
}
