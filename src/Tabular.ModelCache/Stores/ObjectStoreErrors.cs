namespace Tabular.ModelCache.Stores;

/// <summary>The failures that every store words alike.</summary>
internal static class ObjectStoreErrors
{
    public static ObjectStoreException NotFound(string name, string store, long? generation = null) => new(
        ObjectStoreError.NotFound,
        generation is null
            ? $"The object '{name}' does not exist in {store}."
            : $"Generation {generation} of the object '{name}' does not exist in {store}.",
        name);

    /// <exception cref="ArgumentException">There are no sources or too many, or a name is invalid.</exception>
    public static void ValidateCompose(IReadOnlyList<ComposeSource> sources, string destination)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count is 0 or > ComposeSource.MaxCount)
        {
            throw new ArgumentException($"1 to {ComposeSource.MaxCount} objects can be joined, not {sources.Count}.", nameof(sources));
        }

        ObjectName.Validate(destination);
        foreach (var source in sources)
        {
            ObjectName.Validate(source.Name);
        }
    }

    public static ObjectStoreException MovedOntoItself(string name) => new(
        ObjectStoreError.InvalidRequest,
        $"The object '{name}' cannot be moved onto itself; give another destination.",
        name);

    public static ObjectStoreException WrongLength(string name, long expected, string found) => new(
        ObjectStoreError.Corrupted,
        $"The content of '{name}' was declared with {expected} bytes, but has {found}; nothing was written.",
        name);

    public static ObjectStoreException WrongCrc32C(string name, uint expected, uint found) => new(
        ObjectStoreError.Corrupted,
        $"The content of '{name}' was declared with CRC32C {expected:x8}, but has {found:x8}; nothing was written.",
        name);
}
