namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>One page of a listing; a page may be empty and still have a successor.</summary>
internal sealed class ObjectListResource
{
    public string? NextPageToken { get; init; }

    public List<ObjectResource?>? Items { get; init; }
}
