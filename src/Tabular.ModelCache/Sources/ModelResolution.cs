namespace Tabular.ModelCache.Sources;

/// <summary>The state of a source at one moment: a digest that changes with it, and its files.</summary>
public sealed class ModelResolution
{
    /// <summary>Gets the digest or commit of the upstream state; equal digests mean equal files.</summary>
    /// <value>For example <c>sha256:</c> and 64 hex digits, or a commit of 40 hex digits.</value>
    public required string Digest { get; init; }

    /// <summary>Gets the files in the order in which they become visible: what others refer to first.</summary>
    /// <value>At least one; paths are unique also without regard to case.</value>
    public required IReadOnlyList<SourceFile> Files { get; init; }
}
