using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>Corruptions of the files of a version, each in the bucket and on the mount alone.</summary>
internal static class ContentCorruptions
{
    public static IEnumerable<CorruptionKind> All => new[] { CorruptionPlace.Store, CorruptionPlace.Mount }.SelectMany(At);

    private static IEnumerable<CorruptionKind> At(CorruptionPlace place)
    {
        CorruptionKind Of(string name, Func<BucketChanger, Task<string[]>> change) => CorruptionKind.Of(name, place, change);

        yield return Of("a bit of a file flipped", b => b.ChangeAsync(b.NameOf(b.PickFile()), b.FlipBit));
        yield return Of("a bit of a file with region digests flipped", b => b.ChangeAsync(b.NameOf(b.PickLargeFile()), b.FlipBit));
        yield return Of("a bit of `SHA256SUMS` flipped", b => FlipMarkerAsync(b, VersionFiles.Checksums));
        yield return Of("a bit of `.done` flipped", b => FlipMarkerAsync(b, VersionFiles.Done));
        yield return Of("a bit of `model.sig` flipped", b => FlipMarkerAsync(b, VersionFiles.Signature));
        yield return Of("`.done` says another digest", b => b.ChangeAsync($"{b.Active.Path}/{VersionFiles.Done}", _ => Done(b.Older.Checksums)));
        yield return Of("a file truncated", b => b.ChangeAsync(b.NameOf(b.PickAnyFile()), b.Truncate));
        yield return Of("a file grown", b => b.ChangeAsync(b.NameOf(b.PickAnyFile()), b.Grow));
        yield return Of("a file emptied", b => b.ChangeAsync(b.NameOf(b.PickAnyFile()), _ => []));
        yield return Of("`SHA256SUMS` with 64 MiB", async b =>
        {
            var name = $"{b.Active.Path}/{VersionFiles.Checksums}";
            await b.CopyAsync(PublishedBuckets.Huge, name);
            return [name];
        });
        yield return Of("two files swapped", b => SwapAsync(b, Shuffle(b).DistinctBy(f => f.Size).Take(2)));
        yield return Of("two files of one size swapped", b => SwapAsync(
            b, b.Active.Files.Where(f => !VersionFiles.IsMarker(f.Path)).GroupBy(f => f.Size).First(g => g.Count() == 2)));
        yield return Of("a file swapped with that of another version", SwapWithOlderAsync);
        yield return Of("the folders of two versions swapped", SwapFoldersAsync);
        yield return Of("a file renamed", async b =>
        {
            var name = b.NameOf(b.PickAnyFile());
            await b.MoveAsync(name, name + "x");
            return [name];
        });
        yield return Of("a file missing", async b =>
        {
            var name = b.NameOf(b.PickAnyFile());
            await b.DeleteAsync(name);
            return [name];
        });
        yield return Of("a version's folder missing", async b =>
        {
            await Task.WhenAll(b.Active.Files.Select(f => b.DeleteAsync(b.NameOf(f))));
            return [b.Active.Path];
        });
        yield return Of("a file more", async b =>
        {
            var folder = Path.GetDirectoryName(b.NameOf(b.PickFile()))!;
            var name = b.Pick([$"{folder}/adapter_config.json", $"{b.Active.Path}/blobs/sha256-0", $"{b.Active.Path}/.hidden"]);
            await b.WriteAsync(name, b.Grow([]));
            return [name];
        });
    }

    public static byte[] Done(string checksums) => VersionFolder.DoneContent(checksums);

    private static Task<string[]> FlipMarkerAsync(BucketChanger b, string marker) => b.ChangeAsync($"{b.Active.Path}/{marker}", b.FlipBit);

    private static ManifestFile[] Shuffle(BucketChanger b)
    {
        var files = b.Active.Files.ToArray();
        b.Random.Shuffle(files);
        return files;
    }

    private static async Task<string[]> SwapAsync(BucketChanger b, IEnumerable<ManifestFile> two)
    {
        var names = two.Select(b.NameOf).ToArray();
        await b.SwapAsync(names[0], names[1]);
        return names;
    }

    private static async Task<string[]> SwapWithOlderAsync(BucketChanger b)
    {
        var ours = b.Active.Files.ToList();
        var index = b.Pick([.. Enumerable.Range(0, ours.Count).Where(i => ours[i].Sha256 != b.Older.Files[i].Sha256)]);
        await b.SwapAsync(b.NameOf(ours[index]), $"{b.Older.Path}/{b.Older.Files[index].Path}");
        return [b.NameOf(ours[index])];
    }

    private static async Task<string[]> SwapFoldersAsync(BucketChanger b)
    {
        foreach (var file in b.Active.Files)
        {
            await b.MoveAsync(b.NameOf(file), $"spare/{file.Path}");
        }

        foreach (var file in b.Older.Files)
        {
            await b.MoveAsync($"{b.Older.Path}/{file.Path}", b.NameOf(file));
        }

        foreach (var file in b.Active.Files)
        {
            await b.MoveAsync($"spare/{file.Path}", $"{b.Older.Path}/{file.Path}");
        }

        return [b.Active.Path + "/"];
    }
}
