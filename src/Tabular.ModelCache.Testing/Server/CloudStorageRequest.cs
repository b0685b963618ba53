namespace Tabular.ModelCache.Testing;

/// <summary>A request that a <see cref="CloudStorageServer"/> received.</summary>
/// <param name="Sequence">Its number among all requests, from 1 on.</param>
/// <param name="Method">The HTTP verb.</param>
/// <param name="Operation">
/// The method of the Cloud Storage JSON API, such as <c>storage.objects.patch</c>. Reading content is
/// <c>storage.objects.get.media</c>; the requests of a resumable upload after its first are <c>storage.objects.insert.chunk</c>,
/// <c>storage.objects.insert.query</c> and <c>storage.objects.insert.cancel</c>.
/// </param>
/// <param name="Bucket">The bucket, where the request names one.</param>
/// <param name="ObjectName">The object, where the request names one; of a move or a copy, the destination.</param>
/// <param name="Mutation">
/// How many changes had taken effect when the request arrived; in
/// <see cref="CloudStorageServerOptions.OnMutation"/>, the number of the change itself, from 1 on.
/// </param>
public sealed record CloudStorageRequest(
    long Sequence, string Method, string Operation, string? Bucket, string? ObjectName, long Mutation);
