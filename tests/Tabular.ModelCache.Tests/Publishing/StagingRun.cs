using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>One attempt that stages files, after an older one that left some; what it is told and what it asks are counted.</summary>
internal sealed class StagingRun
{
    public static readonly StagingArea Older = new("demo", new Attempt(3, "a"));
    public static readonly StagingArea Own = new("demo", new Attempt(4, "b"));

    private readonly ConcurrentQueue<long> _progress = new();
    private long _told;
    private int _asked;

    public StagingRun()
    {
        Store = new FaultInjectingObjectStore(Inner);
        Seen = Store;
        Buffers = new PartBuffers(Limits);
    }

    public InMemoryObjectStore Inner { get; } = new();

    public FaultInjectingObjectStore Store { get; }

    /// <summary>The store that the attempt gets.</summary>
    public IObjectStore Seen { get; set; }

    public TestSource Source { get; } = new();

    /// <summary>Parts of 10 bytes, three at a time; more than 30 bytes go in parts, and more than 64 have regions.</summary>
    public PartLimits Limits { get; } = new() { Size = 10, InMemory = 3, LargestWhole = 30, RegionSize = 64 };

    public PartBuffers Buffers { get; }

    public ManifestEntry? Entry { get; set; }

    /// <summary>At which question the lease turns out to be lost, from 1 on.</summary>
    public int LostAt { get; set; } = int.MaxValue;

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Each report of progress, in bytes.</summary>
    public IReadOnlyCollection<long> Progress => _progress;

    /// <summary>What was told of bytes from the source, for the metrics.</summary>
    public long ToldPulled => Interlocked.Read(ref _told);

    public StagedFiles Staged { get; private set; } = null!;

    public static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    public static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Stages the only file of the source.</summary>
    public async Task<ManifestFile> StageAsync(string path, byte[] content)
    {
        Source.Set((path, content));
        var leftovers = await Leftovers.ReadAsync(Inner, "demo", ModelKinds.Ollama, Own.Attempt, CancellationToken.None);
        Staged = new StagedFiles(Seen, Own, leftovers, Entry, Limits, Buffers, ThrowIfLost, bytes => Interlocked.Add(ref _told, bytes));
        var resolution = await Source.ResolveAsync(new ModelSourceRequest("demo", ModelKinds.Ollama, "test://demo"));
        Store.GetSnapshot(clear: true);
        return await Staged.StageAsync(resolution.Files[0], _progress.Enqueue, CancellationToken.None);
    }

    public void ThrowIfLost()
    {
        if (Interlocked.Increment(ref _asked) >= LostAt)
        {
            throw new ModelCacheException("the lease was lost");
        }
    }

    /// <summary>Leaves a verified file of the older attempt.</summary>
    public Task<StoredObject> LeaveAsync(string path, byte[] content, string? sha256 = null) => Inner.WriteBytesAsync(
        Older.File(path),
        content,
        new ObjectWriteOptions { Metadata = new Dictionary<string, string> { [StagedFiles.Sha256Key] = sha256 ?? Hash(content) } },
        CancellationToken.None);

    public Task<StoredObject> LeavePartAsync(byte[] whole, int offset, byte[] content) =>
        Inner.WriteBytesAsync(Older.Part(Hash(whole), offset), content, new ObjectWriteOptions(), CancellationToken.None);

    public Task LeaveReceiptAsync(string path, string json) =>
        Inner.WriteBytesAsync(Older.Receipt(path), Encoding.UTF8.GetBytes(json), new ObjectWriteOptions(), CancellationToken.None);

    public Task LeaveReceiptAsync(ManifestFile file) => LeaveReceiptAsync(file.Path, Encoding.UTF8.GetString(ManifestJson.SerializeFile(file)));

    /// <summary>Puts a file of a kept version into the store, and the version into the entry.</summary>
    public async Task<ManifestFile> KeepAsync(string version, string path, byte[] content, Func<ManifestFile, ManifestFile>? change = null)
    {
        var written = await Inner.WriteBytesAsync($"ollama/{version}/{path}", content, new ObjectWriteOptions(), CancellationToken.None);
        var file = new ManifestFile { Path = path, Size = content.Length, Sha256 = Hash(content), Crc32C = written.Crc32C, Generation = written.Generation };
        file = change?.Invoke(file) ?? file;
        Entry ??= new ManifestEntry { Kind = ModelKinds.Ollama };
        Entry = Entry with { Versions = [.. Entry.Versions, new ManifestVersion { Version = version, Path = $"ollama/{version}", Files = [file] }] };
        return file;
    }

    public FileRegions RegionsOf(byte[] content) => new() { Size = Limits.RegionSize, Sha256 = [.. content.Chunk((int)Limits.RegionSize).Select(Hash)] };

    public IEnumerable<StoreOperation> Changes => Store.GetSnapshot().Where(o => o.IsMutation);
}
