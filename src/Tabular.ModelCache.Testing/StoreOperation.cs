namespace Tabular.ModelCache.Testing;

/// <summary>A request that reached a <see cref="FaultInjectingObjectStore"/>.</summary>
/// <param name="Sequence">The number of the request, counted from 1 for each store.</param>
/// <param name="Kind">The method that was called.</param>
/// <param name="Name">The name of the object, the source of a move or copy, or the prefix of a list.</param>
/// <param name="DestinationName">The destination of a move or copy; otherwise <see langword="null"/>.</param>
public sealed record StoreOperation(long Sequence, StoreOperationKind Kind, string Name, string? DestinationName = null)
{
    /// <summary>Gets whether the request can change the store.</summary>
    public bool IsMutation => Kind is not (StoreOperationKind.Get or StoreOperationKind.OpenRead or StoreOperationKind.List);

    /// <inheritdoc/>
    public override string ToString() => DestinationName is null ? $"#{Sequence} {Kind} {Name}" : $"#{Sequence} {Kind} {Name} -> {DestinationName}";
}
