using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>How large files are cut into parts that are pulled and uploaded at the same time, and joined on the server.</summary>
internal sealed record PartLimits
{
    /// <summary>
    /// In bytes. A pull takes as much processor time with parts of 4 MiB as with 8, and half of the memory; five of them with a round trip of
    /// 50 ms to the source and another to the store can make 200 MB/s, which is what one core hashes.
    /// </summary>
    public int Size { get; init; } = 4 << 20;

    /// <summary>
    /// How many parts of all files are in memory at the same time: some that come, one that is hashed, some that go. Together they are the
    /// memory that large files take, and what a crash makes the next run pull again.
    /// </summary>
    public int InMemory { get; init; } = 5;

    /// <summary>A file of at most so many bytes is pulled in one piece, which then takes no more memory than a part.</summary>
    public long LargestWhole { get; init; } = 4 << 20;

    /// <summary>The size of the regions whose digests a file gets that is larger than one. In bytes, at least 1 MiB.</summary>
    public long RegionSize { get; init; } = FileRegions.DefaultSize;
}
