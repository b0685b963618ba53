namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>How rclone mounts a bucket.</summary>
internal sealed record RcloneOptions
{
    /// <summary>How long a listing is kept, and so how long the mount shows the past.</summary>
    public TimeSpan DirectoryCacheTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the kernel keeps what it knows of a file.</summary>
    public TimeSpan AttributeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may rest.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is tried, in all.</summary>
    public int Tries { get; init; } = 1;

    /// <summary>Options that no test but one needs.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    // One small request at a time and nothing ahead: what a reader waits for is one request of the server's log, which a test can delay.
    public IEnumerable<string> ToArguments() =>
    [
        "--dir-cache-time", Text(DirectoryCacheTime),
        "--attr-timeout", Text(AttributeTimeout),
        "--timeout", Text(Timeout),
        "--low-level-retries", $"{Tries}",
        "--buffer-size", "0",
        "--vfs-read-chunk-size", "256k",
        "--vfs-read-chunk-size-limit", "256k",
        .. More,
    ];

    private static string Text(TimeSpan time) => $"{(long)time.TotalMilliseconds}ms";
}
