namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Settles by reading back whether a change whose answer was lost took effect.</summary>
internal static class StorageDoubt
{
    /// <summary>Reads what decides; when that fails, the outcome stays unknown and the exception says so.</summary>
    public static async Task<T> ReadAsync<T>(Func<Task<T>> read, StorageCall call, StorageErrors errors)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (ObjectStoreException e)
        {
            throw Unknown(call, errors, e);
        }
    }

    public static ObjectStoreException Unknown(StorageCall call, StorageErrors errors, Exception? cause = null) => errors.New(
        ObjectStoreError.Unavailable, call,
        "was changed by a request whose answer was lost, and whether it took effect cannot be told. Read it before concluding anything.",
        cause, outcomeUnknown: true);

    public static bool HasMetadata(StoredObject live, IReadOnlyDictionary<string, string>? wanted) =>
        live.Metadata.Count == (wanted?.Count ?? 0)
        && live.Metadata.All(pair => wanted!.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
