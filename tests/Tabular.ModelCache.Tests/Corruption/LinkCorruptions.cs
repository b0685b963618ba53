using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>Symbolic links in a directory; each is taken back after its case.</summary>
internal static class LinkCorruptions
{
    public static IEnumerable<CorruptionKind> All =>
    [
        Of("a link to the same bytes elsewhere, in the place of a file", (f, random) => f.Replace(f.PickFile(random))),
        Of("a link to nothing, in the place of a file", (f, random) => f.Replace(f.PickFile(random), "/nothing")),
        Of("a link to the same files elsewhere, in the place of a folder", (f, random) => f.Replace(Path.GetDirectoryName(f.PickDeepFile(random))!)),
        Of("a link to the same files elsewhere, in the place of a version's folder", (f, random) => f.Replace(f.PickVersion(random))),
        Of("a link more, to a file", (f, random) => f.Add(f.PickVersion(random), f.PickFile(random))),
        Of("a link more, to a folder", (f, random) => f.Add(f.PickVersion(random), f.PickVersion(random))),
        Of("a link to the same bytes elsewhere, in the place of `manifest.json`", (f, _) => f.Replace(VersionFiles.Manifest)),
    ];

    private static CorruptionKind Of(string name, Func<LinkedFolder, Random, string> change) => new(
        name,
        CorruptionPlace.Directory,
        (buckets, random) =>
        {
            var folder = new LinkedFolder(buckets);
            var suspect = change(folder, random);
            return Task.FromResult(CorruptedBucket.InDirectory(buckets.Folder.Store, buckets.Root, [suspect], folder.Undo));
        });
}
