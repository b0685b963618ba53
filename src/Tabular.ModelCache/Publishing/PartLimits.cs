using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>How large files are cut into parts that are pulled and uploaded at the same time, and joined on the server.</summary>
internal sealed record PartLimits
{
    /// <summary>
    /// In bytes. 16 MiB go up in one request, and hide a round trip of 50 ms at 100 MB/s; four of them are what a crash costs, and the
    /// memory that all large files together take.
    /// </summary>
    public int Size { get; init; } = 16 << 20;

    /// <summary>How many parts of all files are in memory at the same time.</summary>
    public int InMemory { get; init; } = 4;

    /// <summary>A file of at most so many bytes is pulled in one piece: to pull it again costs less than a join.</summary>
    public long LargestWhole { get; init; } = FileRegions.DefaultSize;
}
