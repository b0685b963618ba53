namespace Tabular.ModelCache.Testing;

/// <summary>What the instance under test has done about one model.</summary>
/// <param name="Name">The configured name.</param>
public sealed record FakeModelActivity(string Name)
{
    /// <summary>Gets how many starts ended with <c>cache_hit=true</c>: 0 or 1, since a host starts once.</summary>
    public int CacheHits { get; init; }

    /// <summary>Gets how many starts ended with <c>cache_hit=false</c>: 0 or 1.</summary>
    public int CacheMisses { get; init; }

    /// <summary>Gets how often the source was asked what it holds.</summary>
    public int SourceReads { get; init; }

    /// <summary>Gets how many files were read from the source.</summary>
    public int FilesPulled { get; init; }

    /// <summary>Gets the size of the files that were read from the source, in bytes.</summary>
    public long BytesPulled { get; init; }

    /// <summary>Gets how often another version took the place of the one that was served.</summary>
    public int Updates { get; init; }
}
