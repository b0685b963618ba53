namespace Tabular.ModelCache.Sources;

/// <summary>The state of a source at one moment: a digest that changes with it, and its files.</summary>
public sealed class ModelResolution : IAsyncDisposable
{
    /// <summary>Gets the digest or commit of the upstream state; equal digests mean equal files.</summary>
    /// <value>For example <c>sha256:</c> and 64 hex digits, or a commit of 40 hex digits.</value>
    public required string Digest { get; init; }

    /// <summary>Gets the files in the order in which they become visible: what others refer to first.</summary>
    /// <value>At least one; paths are unique also without regard to case.</value>
    public required IReadOnlyList<SourceFile> Files { get; init; }

    /// <summary>Gets what the files need until they were read, such as a scratch folder.</summary>
    /// <value>The default is <see langword="null"/>: nothing. Disposed with this object.</value>
    public IAsyncDisposable? Resources { get; init; }

    /// <summary>Lets go of <see cref="Resources"/>; the files cannot be read any more.</summary>
    /// <returns>A task that ends when they are gone.</returns>
    public ValueTask DisposeAsync() => Resources?.DisposeAsync() ?? ValueTask.CompletedTask;
}
