namespace Tabular.ModelCache.Stores;

/// <summary>How to delete an object.</summary>
public sealed class ObjectDeleteOptions
{
    /// <summary>Gets the generation to delete for good. In a bucket with versioning, deleting without it keeps the bytes, and their cost.</summary>
    /// <value>The default is <see langword="null"/>: the live version.</value>
    public long? Generation { get; init; }

    /// <summary>Gets the conditions on the live version.</summary>
    public ObjectPreconditions Preconditions { get; init; }
}
