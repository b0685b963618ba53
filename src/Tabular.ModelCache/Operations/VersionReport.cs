namespace Tabular.ModelCache.Operations;

/// <summary>One kept version of a <see cref="ModelReport"/>.</summary>
public sealed record VersionReport
{
    /// <summary>Gets the name of the version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets whether it is the active one.</summary>
    public required bool Active { get; init; }

    /// <summary>Gets whether the manifest pins it, so that it is never pruned.</summary>
    public required bool Pinned { get; init; }

    /// <summary>Gets whether its upstream digest is held back.</summary>
    public required bool Held { get; init; }

    /// <summary>Gets whether its content was published again as a later version, because this copy was damaged.</summary>
    public required bool Superseded { get; init; }

    /// <summary>Gets when it was published, by the store's clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets how long ago it was published, by the clock of this machine.</summary>
    /// <value>In seconds, 0 or more.</value>
    public required double AgeSeconds { get; init; }

    /// <summary>Gets when it was active last, by the store's clock.</summary>
    /// <value><see langword="null"/> while it is active, and when it never was.</value>
    public required DateTimeOffset? RetiredAt { get; init; }

    /// <summary>Gets the size of its files.</summary>
    /// <value>In bytes.</value>
    public required long Bytes { get; init; }

    /// <summary>Gets how many files it has, markers not counted.</summary>
    public required int Files { get; init; }

    /// <summary>Gets whether it was published with a signature of its own. It is not checked.</summary>
    public required bool HasSignature { get; init; }

    /// <summary>Gets the source that it was published from.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the upstream digest or commit.</summary>
    public required string Digest { get; init; }
}
