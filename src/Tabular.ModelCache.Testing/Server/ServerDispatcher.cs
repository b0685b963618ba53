using Microsoft.AspNetCore.Http;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Takes each request through its fault, its operation, the count of changes, its answer and the log.</summary>
internal sealed class ServerDispatcher : IAsyncDisposable
{
    private readonly CloudStorageServerOptions _options;
    private readonly ServerBuckets _buckets;
    private readonly UploadHandler _uploads;
    private readonly TransferHandler _transfers;
    private readonly RequestLog<CloudStorageRequestRecord> _log;
    private long _sequence;
    private long _mutations;

    public ServerDispatcher(CloudStorageServerOptions options)
    {
        _options = options;
        _log = new(options.OnRequest);
        _buckets = new ServerBuckets(options);
        _uploads = new UploadHandler(options);
        _transfers = new TransferHandler(_buckets, options);
    }

    public long Mutations => Interlocked.Read(ref _mutations);

    public IObjectStore? FindStore(string bucket) => _buckets.Find(bucket)?.Store;

    public Task ForgetUploadsAsync() => _uploads.ForgetAllAsync();

    public IReadOnlyList<CloudStorageRequestRecord> GetRequests(bool clear) => _log.Get(clear);

    public async Task HandleAsync(HttpContext context)
    {
        var target = LoopbackHost.TargetOf(context);
        var call = new ServerCall(context, target);
        var request = new CloudStorageRequest(
            Interlocked.Increment(ref _sequence), context.Request.Method, call.Route.Operation, call.Route.Bucket,
            call.Route.TargetObject ?? call.Route.Object, Mutations);
        var mutated = false;
        var writer = new ReplyWriter(
            call, _options, (status, sent) => _log.Add(new CloudStorageRequestRecord(request, status, call.Body.Count, sent, mutated)));
        try
        {
            call.Fault = _options.Fault?.Invoke(request);
            if (call.Fault is { Latency.Ticks: > 0 } slow)
            {
                await Task.Delay(slow.Latency, _options.TimeProvider, call.Aborted).ConfigureAwait(false);
            }

            if (call.Fault is { FailsBefore: true } early)
            {
                await writer.FailAsync(early).ConfigureAwait(false);
                return;
            }

            var reply = await ServeAsync(call).ConfigureAwait(false);
            mutated = reply.Mutated;
            if (!mutated)
            {
                await writer.WriteAsync(reply).ConfigureAwait(false);
                return;
            }

            var mutation = request with { Mutation = Interlocked.Increment(ref _mutations) };
            await (_options.OnMutation?.Invoke(mutation) ?? Task.CompletedTask).ConfigureAwait(false);
            await writer.WriteAsync(reply).ConfigureAwait(false);
            if (_options.OnMutationAnswered is { } answered && call.Fault is not ({ FailsAfter: true } or { BodyLimit: not null }))
            {
                // An answer without a body would otherwise be sent at the end of this method.
                await context.Response.CompleteAsync().ConfigureAwait(false);
                await answered(mutation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The client is gone; what it had sent is in the log.
        }
        finally
        {
            writer.Log();
        }
    }

    public ValueTask DisposeAsync() => _uploads.DisposeAsync();

    private async Task<ServerReply> ServeAsync(ServerCall call)
    {
        var route = call.Route;
        try
        {
            // Before anything takes effect: a request with a bad mask changes nothing.
            _ = FieldMask.Parse(call.Query("fields"));
            if (route.Bucket is null)
            {
                return route.Operation switch
                {
                    "storage.buckets.list" => BucketHandler.List(call, _buckets),
                    "storage.buckets.insert" => await BucketHandler.InsertAsync(call, _buckets).ConfigureAwait(false),
                    _ => ServerErrors.Create(404, "notFound", "Not Found"),
                };
            }

            return _buckets.Find(route.Bucket) is { } bucket
                ? await ServeAsync(call, bucket).ConfigureAwait(false)
                : ServerErrors.NoBucket(route.IsXml);
        }
        catch (ObjectStoreException e)
        {
            return ServerErrors.From(e, route.Bucket ?? "", e.ObjectName ?? route.Object ?? "", route.IsXml);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return ServerErrors.Invalid(e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException && !call.Aborted.IsCancellationRequested)
        {
            // A mistake of this server, or a store that breaks its contract: seen by the client rather than by nobody.
            return ServerErrors.Create(500, "internalError", e.ToString());
        }
    }

    private async Task<ServerReply> ServeAsync(ServerCall call, ServerBucket bucket) => call.Route.Operation switch
    {
        "storage.buckets.get" or "storage.buckets.patch" => BucketHandler.Get(call, bucket),
        "storage.buckets.delete" => await BucketHandler.DeleteAsync(call, _buckets, bucket).ConfigureAwait(false),
        "storage.buckets.getIamPolicy" => BucketHandler.GetIamPolicy(),
        "storage.buckets.testIamPermissions" or "storage.objects.testIamPermissions" => BucketHandler.TestPermissions(call, _options),
        "storage.buckets.getStorageLayout" => BucketHandler.GetStorageLayout(bucket),
        "storage.managedFolders.list" => ServerReply.Ok(new System.Text.Json.Nodes.JsonObject { ["kind"] = "storage#managedFolders" }),
        "storage.objects.list" => await ListHandler.ListAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.get" => await ObjectHandler.GetAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.get.media" => await ObjectHandler.GetMediaAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.patch" => await ObjectHandler.PatchAsync(call, bucket, replaces: false).ConfigureAwait(false),
        "storage.objects.update" => await ObjectHandler.PatchAsync(call, bucket, replaces: true).ConfigureAwait(false),
        "storage.objects.delete" => await ObjectHandler.DeleteAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.insert" => await _uploads.InsertAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.insert.chunk" or "storage.objects.insert.query" => await _uploads.ContinueAsync(call).ConfigureAwait(false),
        "storage.objects.insert.cancel" => await _uploads.CancelAsync(call).ConfigureAwait(false),
        "storage.objects.move" => await _transfers.MoveAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.rewrite" => await _transfers.RewriteAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.copy" => await _transfers.CopyAsync(call, bucket).ConfigureAwait(false),
        "storage.objects.compose" => await TransferHandler.ComposeAsync(call, bucket).ConfigureAwait(false),
        _ => ServerErrors.Create(404, "notFound", "Not Found"),
    };
}
