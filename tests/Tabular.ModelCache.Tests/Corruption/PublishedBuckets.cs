using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>The buckets of a campaign, published once: one that is corrupted, and those that lend it their parts.</summary>
internal sealed class PublishedBuckets : IDisposable
{
    /// <summary>An object beside the versions with more bytes than any document may have.</summary>
    public const string Huge = "spare/huge";

    private const int Mebibyte = 1 << 20;
    private const int HugeMebibytes = 64;

    private PublishedBuckets()
    {
    }

    public required InMemoryObjectStore Store { get; init; }

    public required SignedBucket Main { get; init; }

    /// <summary>Of the same key, with the same versions.</summary>
    public required SignedBucket Twin { get; init; }

    /// <summary>Of the same key, with other versions.</summary>
    public required SignedBucket Other { get; init; }

    /// <summary>The same as <see cref="Main"/>, in a directory.</summary>
    public required SignedBucket Folder { get; init; }

    public required string Root { get; init; }

    /// <summary>A key that nobody trusts.</summary>
    public required IModelSigner Stranger { get; init; }

    public static async Task<PublishedBuckets> CreateAsync()
    {
        var clock = new ShortWaits();
        var store = new InMemoryObjectStore(clock);
        var main = await SignedBucket.PublishAsync(store, content: 1, clock);
        await WriteHugeAsync(store);
        var root = Directory.CreateTempSubdirectory("model-corruption-").FullName;
        return new PublishedBuckets
        {
            Store = store,
            Main = main,
            Twin = await SignedBucket.PublishAsync(new InMemoryObjectStore(clock), content: 1, clock),
            Other = await SignedBucket.PublishAsync(new InMemoryObjectStore(clock), content: 2, clock),
            Folder = await SignedBucket.PublishAsync(new DirectoryObjectStore(root, clock, new Random(1)), content: 1, clock),
            Root = root,
            Stranger = PemModelSigner.Parse(NewKey(), "stranger"),
        };
    }

    public void Dispose()
    {
        (Stranger as IDisposable)?.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private static string NewKey()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    // Joined from one block again and again, it takes no more memory than the block.
    private static async Task WriteHugeAsync(InMemoryObjectStore store)
    {
        var spaces = new byte[Mebibyte];
        spaces.AsSpan().Fill((byte)' ');
        var block = await store.WriteBytesAsync("spare/block", spaces, new ObjectWriteOptions(), default);
        var half = await store.ComposeAsync([.. Enumerable.Repeat(new ComposeSource("spare/block", block.Generation), HugeMebibytes / 2)], "spare/half");
        await store.ComposeAsync([new ComposeSource("spare/half", half.Generation), new ComposeSource("spare/half", half.Generation)], Huge);
    }
}
