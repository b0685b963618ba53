using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>A file that was uploaded into, or joined from its parts in, the staging folder of an attempt: <c>.tmp/model/attempt/files/path</c>.</summary>
internal sealed record StagedUpload(string Attempt, string Path)
{
    /// <summary>The uploads of a model's files that took effect, in the order of the log.</summary>
    public static IReadOnlyList<StagedUpload> Find(IEnumerable<CloudStorageRequestRecord> requests, string model) =>
    [
        .. requests
            .Where(r => r.Mutated && (r.Request.Operation.StartsWith("storage.objects.insert", StringComparison.Ordinal) ||
                r.Request.Operation == "storage.objects.compose"))
            .Select(r => Of(r.Request, model))
            .OfType<StagedUpload>(),
    ];

    /// <summary>The staged file that a request is about; <see langword="null"/> when it is about something else.</summary>
    public static StagedUpload? Of(CloudStorageRequest request, string model) =>
        request.ObjectName?.Split('/', 5) is [".tmp", var owner, var attempt, "files", var path] && owner == model
            ? new StagedUpload(attempt, path)
            : null;
}
