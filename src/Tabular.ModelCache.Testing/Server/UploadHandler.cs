using System.Collections.Concurrent;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>The three kinds of upload (<see href="https://cloud.google.com/storage/docs/uploads-downloads#uploads"/>).</summary>
internal sealed class UploadHandler(CloudStorageServerOptions options) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new(StringComparer.Ordinal);

    public Task<ServerReply> InsertAsync(ServerCall call, ServerBucket bucket) => call.Query("uploadType") switch
    {
        "media" => InsertMediaAsync(call, bucket),
        "multipart" => InsertMultipartAsync(call, bucket),
        "resumable" => StartAsync(call, bucket),
        var other => Task.FromResult(ServerErrors.Invalid($"Invalid uploadType: '{other}'")),
    };

    public async Task<ServerReply> ContinueAsync(ServerCall call)
    {
        if (Find(call) is not { } session)
        {
            return ServerErrors.Create(404, "notFound", "The upload session does not exist.");
        }

        return await session.ReceiveAsync(call).ConfigureAwait(false);
    }

    public async Task<ServerReply> CancelAsync(ServerCall call)
    {
        if (Find(call) is not { } session)
        {
            return ServerErrors.Create(404, "notFound", "The upload session does not exist.");
        }

        _sessions.TryRemove(call.Query("upload_id")!, out _);
        await session.DisposeAsync().ConfigureAwait(false);
        return new ServerReply(499);
    }

    public async Task ForgetAllAsync()
    {
        foreach (var id in _sessions.Keys)
        {
            if (_sessions.TryRemove(id, out var session))
            {
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync() => await ForgetAllAsync().ConfigureAwait(false);

    private UploadSession? Find(ServerCall call) =>
        _sessions.TryGetValue(call.Query("upload_id") ?? "", out var session) && !session.IsExpired ? session : null;

    private static async Task<ServerReply> InsertMediaAsync(ServerCall call, ServerBucket bucket)
    {
        var metadata = new UploadMetadata([]);
        return await StoreAsync(call, bucket, metadata, call.Body, call.Header("Content-Type")).ConfigureAwait(false);
    }

    private static async Task<ServerReply> InsertMultipartAsync(ServerCall call, ServerBucket bucket)
    {
        if (FindBoundary(call.Header("Content-Type")) is not { Length: > 0 } boundary)
        {
            return ServerErrors.Invalid("A multipart upload needs a Content-Type with a boundary.");
        }

        var parts = new RelatedParts(call.Body, boundary);
        if (await parts.NextAsync(call.Aborted).ConfigureAwait(false) is not { } head)
        {
            return ServerErrors.Invalid("A multipart upload has two parts.");
        }

        var metadata = new UploadMetadata(await call.ReadJsonAsync(head.Content).ConfigureAwait(false));
        return await parts.NextAsync(call.Aborted).ConfigureAwait(false) is { } content
            ? await StoreAsync(call, bucket, metadata, content.Content, content.ContentType).ConfigureAwait(false)
            : ServerErrors.Invalid("A multipart upload has two parts.");
    }

    /// <summary>Finds the boundary. Python clients write it between single quotes, with '=' in it, which is no valid media type.</summary>
    private static string? FindBoundary(string? contentType)
    {
        const string Name = "boundary=";
        var start = contentType?.IndexOf(Name, StringComparison.OrdinalIgnoreCase) ?? -1;
        return start < 0 ? null : contentType![(start + Name.Length)..].Split(';')[0].Trim().Trim('"', '\'');
    }

    private static async Task<ServerReply> StoreAsync(
        ServerCall call, ServerBucket bucket, UploadMetadata metadata, Stream content, string? contentType)
    {
        var name = metadata.Name ?? call.Query("name") ?? "";
        if (ObjectName.FindObjectProblem(name) is { } problem)
        {
            return ServerErrors.Invalid($"The object name '{name}' {problem}.");
        }

        if (bucket.CheckRate(name) is { } tooFast)
        {
            return tooFast;
        }

        var header = ServerHash.ParseHeader(call.Header("X-Goog-Hash"));
        using var digest = new UploadDigest(ShowsMd5(call) || (header.Md5 ?? metadata.Md5Hash ?? call.Header("Content-MD5")) is not null);
        var stream = new DigestStream(
            content, digest, d => d.Finish(name, header, (metadata.Crc32C, metadata.Md5Hash), (null, call.Header("Content-MD5"))));
        await using (stream.ConfigureAwait(false))
        {
            var stored = await bucket.Store.WriteAsync(name, stream, metadata.ToWriteOptions(call.Conditions(), contentType), call.Aborted)
                .ConfigureAwait(false);
            bucket.Keep(name, metadata.Over(new ObjectExtras(stored.Generation)) with
            {
                Md5Hash = digest.Md5Hash,
                ContentEncoding = metadata.Text("contentEncoding") ?? call.Query("contentEncoding"),
            });
            return ServerReply.Ok(bucket.Describe(stored, call.Origin), mutated: true);
        }
    }

    private static bool ShowsMd5(ServerCall call) => FieldMask.Parse(call.Query("fields"))?.Has("md5Hash") ?? true;

    private async Task<ServerReply> StartAsync(ServerCall call, ServerBucket bucket)
    {
        var metadata = new UploadMetadata(await call.ReadJsonAsync().ConfigureAwait(false));
        var name = metadata.Name ?? call.Query("name") ?? "";
        if (ObjectName.FindObjectProblem(name) is { } problem)
        {
            return ServerErrors.Invalid($"The object name '{name}' {problem}.");
        }

        foreach (var (old, _) in _sessions.Where(pair => pair.Value.IsExpired))
        {
            if (_sessions.TryRemove(old, out var expired))
            {
                await expired.DisposeAsync().ConfigureAwait(false);
            }
        }

        var length = long.TryParse(call.Header("X-Upload-Content-Length"), out var declared) ? declared : (long?)null;
        var write = metadata.ToWriteOptions(call.Conditions(), call.Header("X-Upload-Content-Type"));
        var id = Guid.NewGuid().ToString("N");
        _sessions[id] = new UploadSession(options, bucket, name, metadata, write, length, ShowsMd5(call) || metadata.Md5Hash is not null);
        var address = $"{call.Origin}/upload/storage/v1/b/{bucket.Name}/o?uploadType=resumable&name={Uri.EscapeDataString(name)}&upload_id={id}";
        if (call.Query("fields") is { } fields)
        {
            address += "&fields=" + Uri.EscapeDataString(fields);
        }

        return new ServerReply(200) { Headers = { ["Location"] = address, ["X-GUploader-UploadID"] = id } };
    }
}
