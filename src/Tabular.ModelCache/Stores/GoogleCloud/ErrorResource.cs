namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>The error body of the JSON API (<see href="https://cloud.google.com/storage/docs/json_api/v1/status-codes"/>).</summary>
internal sealed class ErrorResource
{
    public Detail? Error { get; init; }

    internal sealed class Detail
    {
        public string? Message { get; init; }

        public string? Status { get; init; }

        public List<Item>? Errors { get; init; }
    }

    internal sealed class Item
    {
        public string? Reason { get; init; }

        public string? Message { get; init; }
    }
}
