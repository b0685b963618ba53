using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Moves, copies, rewrites and composes on the server.</summary>
internal sealed class TransferHandler(ServerBuckets buckets, CloudStorageServerOptions options)
{
    private readonly ConcurrentDictionary<string, Rewrite> _rewrites = new(StringComparer.Ordinal);

    public async Task<ServerReply> MoveAsync(ServerCall call, ServerBucket bucket)
    {
        var (source, destination) = (call.Route.Object!, call.Route.TargetObject!);
        if (!options.SupportsMove)
        {
            return ServerErrors.Invalid("Moving objects is not supported for this bucket.");
        }

        if ((bucket.CheckRate(destination) ?? bucket.CheckRate(source)) is { } tooFast)
        {
            return tooFast;
        }

        var before = await bucket.Store.GetAsync(source, default, call.Aborted).ConfigureAwait(false);
        var transfer = new ObjectTransferOptions { Source = call.SourceConditions(), Destination = call.Conditions() };
        var moved = await bucket.Store.MoveAsync(source, destination, transfer, call.Aborted).ConfigureAwait(false);
        if (before is not null)
        {
            bucket.Keep(destination, bucket.Extras(before) with { Generation = moved.Generation });
        }

        bucket.Forget(source);
        return ServerReply.Ok(bucket.Describe(moved, call.Origin), mutated: true);
    }

    public async Task<ServerReply> CopyAsync(ServerCall call, ServerBucket bucket)
    {
        var (copy, _, failure) = await TransferAsync(call, bucket, null).ConfigureAwait(false);
        return failure ?? ServerReply.Ok(copy!, mutated: true);
    }

    public async Task<ServerReply> RewriteAsync(ServerCall call, ServerBucket bucket)
    {
        var limit = options.MaximumBytesPerRewriteCall ?? call.Number("maxBytesRewrittenPerCall");
        var token = call.Query("rewriteToken");
        Rewrite? running = null;
        if (token is not null && !_rewrites.TryRemove(token, out running))
        {
            return ServerErrors.Invalid("Invalid rewrite token");
        }

        var source = await bucket.Store.GetAsync(call.Route.Object!, call.SourceConditions(), call.Aborted).ConfigureAwait(false);
        if (source is null || (running is not null && running.Generation != source.Generation))
        {
            return ServerErrors.NoObject(bucket.Name, call.Route.Object!);
        }

        var copied = Math.Min(source.Size, (running?.Copied ?? 0) + (limit ?? long.MaxValue / 2));
        if (copied < source.Size)
        {
            var next = Guid.NewGuid().ToString("N");
            _rewrites[next] = new Rewrite(source.Generation, copied);
            var progress = Answer(copied, source.Size, done: false);
            progress["rewriteToken"] = next;
            return ServerReply.Ok(progress);
        }

        var (copy, size, failure) = await TransferAsync(call, bucket, source.Generation).ConfigureAwait(false);
        if (failure is not null)
        {
            return failure;
        }

        var answer = Answer(size, size, done: true);
        answer["resource"] = copy;
        return ServerReply.Ok(answer, mutated: true);
    }

    public static async Task<ServerReply> ComposeAsync(ServerCall call, ServerBucket bucket)
    {
        var body = await call.ReadJsonAsync().ConfigureAwait(false);
        var parts = (body["sourceObjects"] as JsonArray)?.OfType<JsonObject>().ToArray() ?? [];
        if (parts.Length is 0 or > ComposeSource.MaxCount)
        {
            return ServerErrors.Invalid($"A compose takes 1 to {ComposeSource.MaxCount} source objects, not {parts.Length}.");
        }

        var sources = new List<StoredObject>();
        foreach (var part in parts)
        {
            var name = part["name"]?.GetValue<string>() ?? "";
            var generation = Number(part["generation"]);
            var conditions = new ObjectPreconditions { IfGenerationMatch = Number(part["objectPreconditions"]?["ifGenerationMatch"]) };
            var source = await bucket.Store.GetAsync(name, conditions, call.Aborted).ConfigureAwait(false);
            if (source is null || (generation is not null && generation != source.Generation))
            {
                return ServerErrors.NoObject(bucket.Name, name);
            }

            sources.Add(source);
        }

        var target = call.Route.TargetObject!;
        if (bucket.CheckRate(target) is { } tooFast)
        {
            return tooFast;
        }

        var metadata = new UploadMetadata(body["destination"] as JsonObject ?? []);
        var composed = await bucket.Store.ComposeAsync(
            [.. sources.Select(s => new ComposeSource(s.Name, s.Generation))],
            target,
            metadata.ToWriteOptions(call.Conditions(), null),
            call.Aborted).ConfigureAwait(false);
        var count = sources.Sum(source => bucket.Extras(source).ComponentCount ?? 1);
        bucket.Keep(target, metadata.Over(new ObjectExtras(composed.Generation)) with { ComponentCount = count });
        return ServerReply.Ok(bucket.Describe(composed, call.Origin), mutated: true);
    }

    private async Task<(JsonObject? Copy, long Size, ServerReply? Failure)> TransferAsync(
        ServerCall call, ServerBucket bucket, long? generation)
    {
        var (source, destination) = (call.Route.Object!, call.Route.TargetObject!);
        if (buckets.Find(call.Route.TargetBucket) is not { } target)
        {
            return (null, 0, ServerErrors.NoBucket());
        }

        if (target.CheckRate(destination) is { } tooFast)
        {
            return (null, 0, tooFast);
        }

        var sent = new UploadMetadata(await call.ReadJsonAsync().ConfigureAwait(false));
        var conditions = call.SourceConditions();
        conditions = conditions with { IfGenerationMatch = generation ?? conditions.IfGenerationMatch ?? call.Number("sourceGeneration") };
        var before = await bucket.Store.GetAsync(source, conditions, call.Aborted).ConfigureAwait(false);
        if (before is null)
        {
            return (null, 0, ServerErrors.NoObject(bucket.Name, source));
        }

        var extras = bucket.Extras(before);
        StoredObject copy;
        if (bucket == target && sent.IsEmpty)
        {
            var transfer = new ObjectTransferOptions { Source = conditions, Destination = call.Conditions() };
            copy = await bucket.Store.CopyAsync(source, destination, transfer, call.Aborted).ConfigureAwait(false);
        }
        else
        {
            copy = await StreamAsync(call, bucket, target, before, sent).ConfigureAwait(false);
        }

        target.Keep(destination, sent.Over(extras) with { Generation = copy.Generation });
        return (target.Describe(copy, call.Origin), copy.Size, null);
    }

    private static async Task<StoredObject> StreamAsync(
        ServerCall call, ServerBucket bucket, ServerBucket target, StoredObject before, UploadMetadata sent)
    {
        var content = await bucket.Store.OpenReadAsync(
            before.Name, new ObjectReadOptions { Generation = before.Generation }, call.Aborted).ConfigureAwait(false)
            ?? throw new ObjectStoreException(ObjectStoreError.NotFound, "The source was replaced.", before.Name);
        await using (content.ConfigureAwait(false))
        {
            var write = sent.ToWriteOptions(call.Conditions(), bucket.Extras(before).ContentType ?? before.ContentType);
            return await target.Store.WriteAsync(
                call.Route.TargetObject!,
                content.Stream,
                new ObjectWriteOptions
                {
                    Preconditions = write.Preconditions,
                    ContentType = write.ContentType,
                    CacheControl = sent.Has("cacheControl") ? write.CacheControl : before.CacheControl,
                    StorageClass = write.StorageClass,
                    Metadata = sent.Has("metadata") ? write.Metadata : before.Metadata,
                },
                call.Aborted).ConfigureAwait(false);
        }
    }

    private static JsonObject Answer(long copied, long size, bool done) => new()
    {
        ["kind"] = "storage#rewriteResponse",
        ["totalBytesRewritten"] = copied.ToString(CultureInfo.InvariantCulture),
        ["objectSize"] = size.ToString(CultureInfo.InvariantCulture),
        ["done"] = done,
    };

    private static long? Number(JsonNode? node) =>
        node is null ? null : long.Parse(node.ToString(), NumberStyles.None, CultureInfo.InvariantCulture);

    private sealed record Rewrite(long Generation, long Copied);
}
