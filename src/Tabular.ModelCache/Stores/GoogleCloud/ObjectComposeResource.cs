namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The body of a compose (<see href="https://cloud.google.com/storage/docs/json_api/v1/objects/compose"/>).</summary>
internal sealed class ObjectComposeResource
{
    public required IReadOnlyList<ComposeSourceResource> SourceObjects { get; init; }

    public required ObjectUploadResource Destination { get; init; }
}
