namespace Tabular.ModelCache.Stores;

/// <summary>One of the objects that <see cref="IObjectStore.ComposeAsync"/> joins.</summary>
/// <param name="Name">The name of the object.</param>
/// <param name="Generation">The version whose bytes are taken; another one is not found.</param>
public readonly record struct ComposeSource(string Name, long Generation)
{
    /// <summary>The most objects that can be joined at once (<see href="https://cloud.google.com/storage/quotas#objects"/>).</summary>
    public const int MaxCount = 32;
}
