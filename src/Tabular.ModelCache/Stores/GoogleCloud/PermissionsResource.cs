namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>Which of the permissions that were asked for the caller has; absent when it has none.</summary>
internal sealed class PermissionsResource
{
    public List<string>? Permissions { get; init; }
}
