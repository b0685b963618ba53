namespace Tabular.ModelCache.Stores;

/// <summary>The conditions of a move or a copy.</summary>
public sealed class ObjectTransferOptions
{
    /// <summary>Gets the conditions on the live version of the source.</summary>
    public ObjectPreconditions Source { get; init; }

    /// <summary>Gets the conditions on the live version of the destination.</summary>
    public ObjectPreconditions Destination { get; init; }
}
