namespace Tabular.ModelCache.Manifests;

/// <summary>A large file in parts of one size (the last may be shorter), each with its SHA-256.</summary>
internal sealed record FileRegions
{
    /// <summary>
    /// 64 MiB: large enough that one reader per region streams (a gcsfuse handle that jumps less than 8 MiB on average counts as
    /// random and reads slowly), small enough that a file of 2.3 GB keeps 35 readers busy.
    /// </summary>
    public const long DefaultSize = 64L << 20;

    public long Size { get; set; }

    public IReadOnlyList<string> Sha256 { get; set; } = [];

    /// <summary>How many regions a file has; right for any sizes that a manifest can name.</summary>
    public static long CountFor(long fileSize, long regionSize) => (fileSize / regionSize) + (fileSize % regionSize == 0 ? 0 : 1);
}
