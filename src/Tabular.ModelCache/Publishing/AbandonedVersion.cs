using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Publishing;

/// <summary>A version's folder that a dead run left behind, finished or not.</summary>
internal sealed class AbandonedVersion
{
    private readonly IReadOnlyDictionary<string, StoredObject> _found;
    private readonly Dictionary<string, ManifestFile> _files;

    private AbandonedVersion(ManifestVersion version, IReadOnlyDictionary<string, StoredObject> found, bool isDone)
    {
        _found = found;
        _files = version.Files.Where(f => !VersionFiles.IsMarker(f.Path)).ToDictionary(f => f.Path, StringComparer.Ordinal);
        Name = version.Version;
        IsDone = isDone;
        Complete = isDone && found.ContainsKey(VersionFiles.Checksums) && VersionFolder.FindDifference(version.Files, found) is null
            ? version with { Files = VersionFolder.WithGenerations(version.Files, found, version.Checksums) }
            : null;
    }

    public string Name { get; }

    /// <summary>Whether its folder has <c>.done</c>, and so must not change any more.</summary>
    public bool IsDone { get; }

    /// <summary>The version as it can be put into the manifest; <see langword="null"/> while anything is missing.</summary>
    public ManifestVersion? Complete { get; }

    /// <summary>The digest that <c>SHA256SUMS</c> must have, where the source promises every SHA-256.</summary>
    public static string? ExpectedChecksums(ModelResolution resolution) =>
        resolution.Files.All(f => f.Sha256 is not null)
            ? Sha256Hex.Of(ChecksumFile.Format(resolution.Files.Select(f => (f.Path, f.Sha256!))))
            : null;

    /// <summary>Reads what came of a recorded version.</summary>
    public static async Task<AbandonedVersion> ReadAsync(IObjectStore store, ManifestVersion record, CancellationToken cancellationToken)
    {
        var folder = new VersionFolder(store, record.Path);
        var found = await folder.ListAsync(cancellationToken).ConfigureAwait(false);
        var isDone = found.ContainsKey(VersionFiles.Done) && await folder.IsDoneAsync(record.Checksums, cancellationToken).ConfigureAwait(false);
        return new AbandonedVersion(record with { RetiredAt = null }, found, isDone);
    }

    /// <summary>Reads a folder that has the right name for what the source promises; its files have no region digests.</summary>
    public static async Task<AbandonedVersion?> ReadAsync(
        IObjectStore store,
        WantedModel model,
        string name,
        string checksums,
        ModelResolution resolution,
        DateTimeOffset created,
        CancellationToken cancellationToken)
    {
        var path = $"{model.Kind}/{name}";
        var found = await new VersionFolder(store, path).ListAsync(cancellationToken).ConfigureAwait(false);
        var files = new List<ManifestFile>();
        foreach (var file in resolution.Files)
        {
            if (!found.TryGetValue(file.Path, out var item) || item.Size != file.Size)
            {
                return null;
            }

            files.Add(new ManifestFile { Path = file.Path, Size = file.Size, Sha256 = file.Sha256!, Crc32C = item.Crc32C });
        }

        return await ReadAsync(
            store,
            new ManifestVersion
            {
                Version = name,
                Path = path,
                CreatedAt = created,
                Source = new ManifestSource { Uri = model.Source, Digest = resolution.Digest },
                Bytes = files.Sum(f => f.Size),
                Checksums = checksums,
                Files = files,
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The digests of a file that the dead run had moved into the folder already, so that it need not be pulled again.</summary>
    public ManifestFile? FindPromoted(SourceFile file) =>
        _files.TryGetValue(file.Path, out var known) && known.Size == file.Size && (file.Sha256 is null || file.Sha256 == known.Sha256) &&
        _found.TryGetValue(file.Path, out var item) && item.Size == known.Size && item.Crc32C == known.Crc32C
            ? known with { Generation = 0 }
            : null;
}
