namespace Tabular.ModelCache.Sources;

/// <summary>One file of a source: its path in the published version, and what the source promises about its bytes.</summary>
public abstract class SourceFile
{
    /// <summary>Gets the path below the folder of the version, in the layout that readers expect.</summary>
    /// <value>Relative, separated by <c>/</c>; the rules of <see cref="Stores.ObjectName"/> hold.</value>
    public required string Path { get; init; }

    /// <summary>Gets the length of the file.</summary>
    /// <value>In bytes, 0 or more. A body of another length is refused.</value>
    public required long Size { get; init; }

    /// <summary>Gets the SHA-256 that the source promises.</summary>
    /// <value>64 lower-case hex digits, or <see langword="null"/> when the source promises another digest, or none.</value>
    public string? Sha256 { get; init; }

    /// <summary>Opens the bytes for one sequential read.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The bytes from the beginning; the caller disposes the stream.</returns>
    /// <exception cref="ModelCacheException">The file cannot be read.</exception>
    public abstract Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets whether <see cref="OpenRangeAsync"/> works, so that a large file can be read in parallel and resumed.</summary>
    /// <value>The default is <see langword="false"/>. It may turn to <see langword="false"/> once, when a range was refused.</value>
    public virtual bool SupportsRanges => false;

    /// <summary>Opens a part of the bytes for one sequential read; may be called by several at a time.</summary>
    /// <param name="offset">Where the part begins, in bytes from the start: 0 or more.</param>
    /// <param name="count">How many bytes it has, 1 or more; it ends within the file.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Exactly those bytes; the caller disposes the stream.</returns>
    /// <exception cref="ModelCacheException">The file cannot be read.</exception>
    /// <exception cref="NotSupportedException">The source gives no ranges; read the whole file instead.</exception>
    public virtual Task<Stream> OpenRangeAsync(long offset, long count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"The source of '{Path}' gives no ranges.");

    /// <summary>Proves the bytes by a digest other than SHA-256, where a source has one.</summary>
    /// <returns>A digest that is fed with all bytes in order; <see langword="null"/> (the default) when there is none.</returns>
    public virtual IContentProof? CreateProof() => null;
}
