using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>A file of a kept version, with the store as its source.</summary>
internal sealed class KeptFile(IObjectStore store, string name, long generation) : SourceFile
{
    /// <summary>What a kept version was published from, without asking its source.</summary>
    public static ModelResolution Resolve(IObjectStore store, ManifestVersion version) => new()
    {
        Digest = version.Source.Digest,
        Files =
        [
            .. version.Files.Where(f => !VersionFiles.IsMarker(f.Path)).Select(f => new KeptFile(store, $"{version.Path}/{f.Path}", f.Generation)
            {
                Path = f.Path,
                Size = f.Size,
                Sha256 = f.Sha256,
            }),
        ],
    };

    public override async Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default)
    {
        var content = await store.OpenReadAsync(name, new ObjectReadOptions { Generation = generation }, cancellationToken).ConfigureAwait(false);
        return content?.Stream ?? throw new ModelCacheException($"{store.DisplayName}/{name} was replaced while it was copied; run the sync again.");
    }
}
