namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>One HTTP request to Cloud Storage, as it goes out.</summary>
/// <param name="Operation">The method of the JSON API: <c>storage.objects.get</c>.</param>
/// <param name="ObjectName">The object as the caller of the store names it, without the store's prefix.</param>
internal readonly record struct StorageRequestEvent(string Operation, string? ObjectName)
{
    public override string ToString() => ObjectName is null ? Operation : $"{Operation} {ObjectName}";
}
