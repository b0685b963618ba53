using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>A copy of the published bucket, and the hands of somebody who may write to it, or to what its mount shows.</summary>
internal sealed class BucketChanger
{
    private readonly InMemoryObjectStore _changed;

    public BucketChanger(PublishedBuckets buckets, bool onMountOnly, Random random)
    {
        Buckets = buckets;
        Random = random;
        Store = buckets.Store.Fork();
        Mount = onMountOnly ? Store.Fork() : Store;
        _changed = Mount;
        Manifest = ManifestJson.Parse(buckets.Main.Newest, VersionFiles.Manifest);
        Model = Pick([CampaignModels.Llm, CampaignModels.Embed]);
    }

    public PublishedBuckets Buckets { get; }

    public Random Random { get; }

    public InMemoryObjectStore Store { get; }

    public InMemoryObjectStore Mount { get; }

    /// <summary>The manifest as it was published.</summary>
    public Manifest Manifest { get; }

    /// <summary>The model that is attacked.</summary>
    public string Model { get; set; }

    public ManifestEntry Entry => Manifest.Models[Model];

    public ManifestVersion Active => Entry.ActiveVersion!;

    public ManifestVersion Older => Entry.Versions.Single(v => v.Version != Entry.Active);

    public string SignatureName => ManifestTrust.NameFor(Buckets.Main.Newest);

    /// <summary>The folders of the versions that are served, of which a refusal names a file, and the manifest.</summary>
    public string[] AnyServed => [VersionFiles.Manifest, .. Manifest.Models.Values.Select(e => e.ActiveVersion!.Path + "/")];

    public T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];

    /// <summary>Picks a file of the active version that is not a marker.</summary>
    public ManifestFile PickFile() => Pick([.. Active.Files.Where(f => !VersionFiles.IsMarker(f.Path))]);

    public ManifestFile PickAnyFile() => Pick(Active.Files);

    /// <summary>Picks the file that has region digests.</summary>
    public ManifestFile PickLargeFile()
    {
        Model = CampaignModels.Llm;
        return Active.Files.Single(f => f.Regions is not null);
    }

    public string NameOf(ManifestFile file) => $"{Active.Path}/{file.Path}";

    public Task<byte[]> ReadAsync(string name) => SignedBucket.ReadAsync(_changed, name);

    public Task<StoredObject> WriteAsync(string name, byte[] bytes) => _changed.WriteBytesAsync(name, bytes, new ObjectWriteOptions(), default);

    public Task DeleteAsync(string name) => _changed.DeleteAsync(name);

    public Task<StoredObject> CopyAsync(string from, string to) => _changed.CopyAsync(from, to);

    public Task MoveAsync(string from, string to) => _changed.MoveAsync(from, to);

    public async Task SwapAsync(string one, string other)
    {
        await MoveAsync(one, "spare/swap");
        await MoveAsync(other, one);
        await MoveAsync("spare/swap", other);
    }

    public async Task<string[]> ChangeAsync(string name, Func<byte[], byte[]> change)
    {
        await WriteAsync(name, change(await ReadAsync(name)));
        return [name];
    }

    public byte[] FlipBit(byte[] bytes)
    {
        bytes[Random.Next(bytes.Length)] ^= (byte)(1 << Random.Next(8));
        return bytes;
    }

    public byte[] Truncate(byte[] bytes) => bytes[..^Random.Next(1, bytes.Length)];

    public byte[] Grow(byte[] bytes)
    {
        var more = new byte[Random.Next(1, 2000)];
        Random.NextBytes(more);
        return [.. bytes, .. more];
    }

    /// <summary>Puts a manifest in the place of the newest, sometimes with the signature of the newest under the name that it needs.</summary>
    public async Task<string[]> WriteManifestAsync(byte[] bytes, params string[] suspects)
    {
        if (Random.Next(2) == 0)
        {
            await CopyAsync(SignatureName, ManifestTrust.NameFor(bytes));
        }

        await WriteAsync(VersionFiles.Manifest, bytes);
        return [VersionFiles.Manifest, .. suspects];
    }

    /// <summary>Changes what the manifest says of the active version.</summary>
    public Task<string[]> EditVersionAsync(Func<ManifestVersion, ManifestVersion> change, params string[] suspects)
    {
        var changed = change(Active);
        var entry = Entry with
        {
            Active = Entry.Active == Active.Version ? changed.Version : Entry.Active,
            Versions = [.. Entry.Versions.Select(v => v.Version == Active.Version ? changed : v)],
        };
        return WriteEntryAsync(entry, suspects);
    }

    public Task<string[]> WriteEntryAsync(ManifestEntry entry, params string[] suspects) =>
        WriteManifestAsync(ManifestJson.Serialize(Manifest.With(Model, entry, Manifest.WriteId)), suspects);

    /// <summary>Changes what the manifest says of one file of the active version.</summary>
    public Task<string[]> EditFileAsync(ManifestFile file, Func<ManifestFile, ManifestFile> change, params string[] suspects) => EditVersionAsync(
        v => v with { Files = [.. v.Files.Select(f => f.Path == file.Path ? change(f) : f)] },
        [NameOf(file), .. suspects]);
}
