using System.Text;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>Corruptions of what the manifest says, by somebody who has no key.</summary>
internal static class ManifestCorruptions
{
    private static readonly string[] HostilePaths =
    [
        "../x", "/etc/passwd", "blobs/../../x", "a\\b", "a\0b", "%2e%2e/x", ".", "", "a//b", "C:\\x", "a/", "a\u2028b", "..",
        new string('a', 300), "SHA256SUMS", "sha256sums",
    ];

    public static IEnumerable<CorruptionKind> All =>
    [
        Of("`manifest.json` missing", async b =>
        {
            await b.DeleteAsync(VersionFiles.Manifest);
            return [VersionFiles.Manifest];
        }),
        Of("the size of a file altered", b => EditAsync(b, f => f with { Size = f.Size + b.Random.Next(1, 100) })),
        Of("the `sha256` of a file altered", b => EditAsync(b, f => f with { Sha256 = Sha256Hex.Of(b.Grow([])) })),
        Of("the `crc32c` of a file altered", b => EditAsync(b, f => f with { Crc32C = f.Crc32C ^ 1 })),
        Of("the `generation` of a file altered", b => EditAsync(b, f => f with { Generation = f.Generation + 1 })),
        Of("the path of a file altered", b => EditAsync(b, f => f with { Path = f.Path + "x" })),
        Of("the region digests of a file altered", b =>
        {
            var file = b.PickLargeFile();
            var digests = file.Regions!.Sha256.ToArray();
            digests[b.Random.Next(digests.Length)] = Sha256Hex.Of(b.Grow([]));
            return b.EditFileAsync(file, f => f with { Regions = f.Regions! with { Sha256 = digests } });
        }),
        Of("a file left out of `files[]`", b =>
        {
            var file = b.PickAnyFile();
            return b.EditVersionAsync(v => v with { Files = [.. v.Files.Where(f => f.Path != file.Path)] }, b.NameOf(file), b.Active.Path + "/" + VersionFiles.Checksums);
        }),
        Of("a file more in `files[]`", b =>
        {
            var file = b.PickFile() with { Path = "blobs/more" };
            return b.EditVersionAsync(v => v with { Files = [file, .. v.Files] }, b.NameOf(file));
        }),
        Of("`files[]` of another version", b => b.EditVersionAsync(v => v with { Files = b.Older.Files })),
        Of("the entries of two models swapped", SwapEntriesAsync),
        Of("another version made active", b => b.WriteEntryAsync(b.Entry with { Active = b.Older.Version })),
        Of("a file altered, and its size, CRC32C, generation and region digests made to fit", b => ReplaceFileAsync(b, b.PickLargeFile())),
        Of("a file altered, and all else made to fit, with a version's name of its own", b => ForgeAsync(b, b.Grow)),
        Of("`SHA256SUMS` altered, and `.done` made to fit", AlterChecksumsAsync),
        Of("`SHA256SUMS` that is not UTF-8, and all else made to fit", b => ForgeAsync(b, null)),
        Of("`SHA256SUMS` with 64 MiB, and the manifest made to fit", FitHugeChecksumsAsync),
        Of("an older manifest put back", b => ReplayAsync(b)),
        Of("an older manifest put back, `MinimumSequence` set", b => ReplayAsync(b)) with { KnowsSequence = true },
        Of("the manifest of a bucket of the same key with the same versions", b => PutAsync(b, b.Buckets.Twin)),
        Of("the manifest of a bucket of the same key with other versions", b => PutAsync(b, b.Buckets.Other)),
        Of("hostile paths (`..`, absolute, backslash, NUL, `%2e`, a marker's)", b =>
        {
            var path = b.Pick(HostilePaths);
            return b.EditFileAsync(b.PickFile(), f => f with { Path = path }, $"{b.Active.Path}/{path}");
        }),
        Of("a version's path outside of its folder", b =>
            b.EditVersionAsync(v => v with { Path = b.Pick(["../x", "/etc", $"{b.Entry.Kind}/../{v.Version}", b.Older.Path, v.Path + "/.."]) })),
    ];

    private static CorruptionKind Of(string name, Func<BucketChanger, Task<string[]>> change) => CorruptionKind.Of(name, CorruptionPlace.Store, change);

    private static Task<string[]> EditAsync(BucketChanger b, Func<ManifestFile, ManifestFile> change)
    {
        var file = b.PickAnyFile();
        return b.EditFileAsync(file, change, b.NameOf(change(file)));
    }

    private static Task<string[]> SwapEntriesAsync(BucketChanger b)
    {
        var (llm, embed) = (b.Manifest.Models[CampaignModels.Llm], b.Manifest.Models[CampaignModels.Embed]);
        var swapped = b.Manifest.With(CampaignModels.Llm, embed, "swapped").With(CampaignModels.Embed, llm, "swapped");
        return b.WriteManifestAsync(ManifestJson.Serialize(swapped));
    }

    private static async Task<string[]> ReplaceFileAsync(BucketChanger b, ManifestFile file)
    {
        var bytes = b.Random.Next(2) == 0 ? b.FlipBit(await b.ReadAsync(b.NameOf(file))) : b.Grow(await b.ReadAsync(b.NameOf(file)));
        var stored = await b.WriteAsync(b.NameOf(file), bytes);
        var regions = bytes.Chunk(CampaignModels.RegionSize).Select(r => Sha256Hex.Of(r)).ToList();
        return await b.EditFileAsync(file, f => f with
        {
            Size = stored.Size,
            Crc32C = stored.Crc32C,
            Generation = stored.Generation,
            Regions = new FileRegions { Size = CampaignModels.RegionSize, Sha256 = regions },
        });
    }

    /// <summary>Makes a version as the publisher would have made it, but for the signatures.</summary>
    /// <param name="b">The bucket.</param>
    /// <param name="alter">Alters a file; <see langword="null"/> makes a checksum file that cannot be read.</param>
    public static async Task<string[]> ForgeAsync(BucketChanger b, Func<byte[], byte[]>? alter)
    {
        var files = b.Active.Files.Where(f => !VersionFiles.IsMarker(f.Path)).ToList();
        var altered = b.PickFile();
        var bytes = await b.ReadAsync(b.NameOf(altered));
        bytes = alter?.Invoke(bytes) ?? bytes;
        files[files.FindIndex(f => f.Path == altered.Path)] = altered with { Size = bytes.Length, Sha256 = Sha256Hex.Of(bytes), Regions = null };
        var checksums = ChecksumFile.Format(files.Select(f => (f.Path, f.Sha256)));
        checksums = alter is null ? [0xff, .. checksums] : checksums;
        var digest = Sha256Hex.Of(checksums);
        var name = VersionName.Create(b.Model, b.Active.CreatedAt, digest);
        var folder = $"{b.Entry.Kind}/{name}";
        var written = new List<ManifestFile>();
        foreach (var file in files)
        {
            var stored = file.Path == altered.Path
                ? await b.WriteAsync($"{folder}/{file.Path}", bytes)
                : await b.CopyAsync(b.NameOf(file), $"{folder}/{file.Path}");
            written.Add(file with { Crc32C = stored.Crc32C, Generation = stored.Generation });
        }

        foreach (var (marker, content) in new[] { (VersionFiles.Checksums, checksums), (VersionFiles.Done, ContentCorruptions.Done(digest)) })
        {
            var stored = await b.WriteAsync($"{folder}/{marker}", content);
            written.Add(new ManifestFile
            {
                Path = marker,
                Size = stored.Size,
                Sha256 = Sha256Hex.Of(content),
                Crc32C = stored.Crc32C,
                Generation = stored.Generation,
            });
        }

        return await b.EditVersionAsync(v => v with { Version = name, Path = folder, Checksums = digest, Files = written }, folder + "/" + VersionFiles.Checksums);
    }

    private static async Task<string[]> AlterChecksumsAsync(BucketChanger b)
    {
        var (sums, done) = ($"{b.Active.Path}/{VersionFiles.Checksums}", $"{b.Active.Path}/{VersionFiles.Done}");
        var file = b.PickFile();
        var text = Encoding.UTF8.GetString(await b.ReadAsync(sums)).Replace(file.Sha256, Sha256Hex.Of(b.Grow([])), StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(text);
        await b.WriteAsync(sums, bytes);
        await b.WriteAsync(done, ContentCorruptions.Done(Sha256Hex.Of(bytes)));
        return [sums, done];
    }

    private static async Task<string[]> FitHugeChecksumsAsync(BucketChanger b)
    {
        var stored = await b.CopyAsync(PublishedBuckets.Huge, $"{b.Active.Path}/{VersionFiles.Checksums}");
        var file = b.Active.Files.Single(f => f.Path == VersionFiles.Checksums);
        return await b.EditFileAsync(file, f => f with { Size = stored.Size, Crc32C = stored.Crc32C, Generation = stored.Generation });
    }

    // Its own signature is there still: it stays for a day.
    private static async Task<string[]> ReplayAsync(BucketChanger b)
    {
        // The first two manifests do not have both models.
        await b.WriteAsync(VersionFiles.Manifest, b.Pick([.. b.Buckets.Main.Manifests.Skip(1).SkipLast(1)]));
        return [VersionFiles.Manifest];
    }

    private static async Task<string[]> PutAsync(BucketChanger b, SignedBucket other)
    {
        var name = ManifestTrust.NameFor(other.Newest);
        await b.WriteAsync(name, await SignedBucket.ReadAsync(other.Store, name));
        await b.WriteAsync(VersionFiles.Manifest, other.Newest);
        return [VersionFiles.Manifest, .. other.Versions.Keys];
    }
}
