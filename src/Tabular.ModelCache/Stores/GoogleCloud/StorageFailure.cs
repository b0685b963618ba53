namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>How one attempt failed without a final answer.</summary>
/// <param name="Error">What to tell, if no other attempt follows.</param>
/// <param name="LeavesDoubt">Whether the server may have acted on it.</param>
internal sealed record StorageFailure(ObjectStoreException Error, bool LeavesDoubt)
{
    /// <summary>What the server asked to wait at least.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
