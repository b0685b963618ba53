using System.Globalization;
using Microsoft.Net.Http.Headers;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Reads, changes and deletes single objects.</summary>
internal static class ObjectHandler
{
    public static async Task<ServerReply> GetAsync(ServerCall call, ServerBucket bucket)
    {
        var (version, failure) = await FindAsync(call, bucket).ConfigureAwait(false);
        return failure ?? ServerReply.Ok(bucket.Describe(version!, call.Origin));
    }

    public static async Task<ServerReply> GetMediaAsync(ServerCall call, ServerBucket bucket)
    {
        var (version, failure) = await FindAsync(call, bucket).ConfigureAwait(false);
        if (failure is not null)
        {
            return failure;
        }

        if (!TryGetRange(call, version!.Size, out var range))
        {
            var refusal = ServerErrors.Create(416, "requestedRangeNotSatisfiable", "Request range not satisfiable", call.Route.IsXml);
            refusal.Headers["Content-Range"] = $"bytes */{version.Size}";
            return refusal;
        }

        var headers = Headers(bucket, version);
        var from = range?.From ?? 0;
        var length = range is { } part ? part.To - part.From + 1 : version.Size;
        if (range is not null)
        {
            headers["Content-Range"] = $"bytes {from}-{from + length - 1}/{version.Size}";
        }

        if (call.Context.Request.Method == "HEAD")
        {
            return new ServerReply(200) { Headers = headers, ContentLength = version.Size, ContentType = ContentType(bucket, version) };
        }

        var content = await bucket.Store.OpenReadAsync(
            version.Name,
            new ObjectReadOptions { Offset = from, Length = range is null ? null : length, Generation = version.Generation },
            call.Aborted).ConfigureAwait(false);
        return content is null
            ? ServerErrors.NoObject(bucket.Name, version.Name, call.Route.IsXml)
            : new ServerReply(range is null ? 200 : 206)
            {
                Headers = headers,
                Content = content,
                ContentLength = length,
                ContentType = ContentType(bucket, version),
            };
    }

    public static async Task<ServerReply> PatchAsync(ServerCall call, ServerBucket bucket, bool replaces)
    {
        var name = call.Route.Object!;
        var body = await call.ReadJsonAsync().ConfigureAwait(false);
        var sent = new UploadMetadata(body);
        var (live, failure) = await FindAsync(call, bucket).ConfigureAwait(false);
        if (failure is not null)
        {
            return failure;
        }

        if (bucket.CheckRate(name) is { } tooFast)
        {
            return tooFast;
        }

        var changes = sent.Custom();
        if (replaces || (sent.Has("metadata") && body["metadata"] is null))
        {
            foreach (var key in live!.Metadata.Keys)
            {
                changes.TryAdd(key, null);
            }
        }

        // The version that was just read is named, so that what is kept beside the store never goes to another one.
        var conditions = call.Conditions() with { IfGenerationMatch = live!.Generation };
        var patched = await bucket.Store.PatchMetadataAsync(name, changes, conditions, call.Aborted).ConfigureAwait(false);
        bucket.Keep(name, sent.Over(bucket.Extras(patched)));
        return ServerReply.Ok(bucket.Describe(patched, call.Origin), mutated: true);
    }

    public static async Task<ServerReply> DeleteAsync(ServerCall call, ServerBucket bucket)
    {
        var name = call.Route.Object!;
        if (ObjectName.FindObjectProblem(name) is not null)
        {
            return ServerErrors.NoObject(bucket.Name, name);
        }

        if (bucket.CheckRate(name) is { } tooFast)
        {
            return tooFast;
        }

        await bucket.Store.DeleteAsync(
            name, new ObjectDeleteOptions { Generation = call.Number("generation"), Preconditions = call.Conditions() }, call.Aborted)
            .ConfigureAwait(false);
        bucket.Forget(name);
        return new ServerReply(204) { Mutated = true };
    }

    private static async Task<(StoredObject? Version, ServerReply? Failure)> FindAsync(ServerCall call, ServerBucket bucket)
    {
        var name = call.Route.Object!;
        var missing = ServerErrors.NoObject(bucket.Name, name, call.Route.IsXml);
        if (ObjectName.FindObjectProblem(name) is not null)
        {
            return (null, missing);
        }

        var version = await bucket.Store.GetAsync(name, call.Conditions(), call.Aborted).ConfigureAwait(false);
        if (version is null || (call.Number("generation") is { } generation && generation != version.Generation))
        {
            return (null, missing);
        }

        var etag = ServerBucket.Etag(version);
        if (call.Header("If-None-Match") is { } unwanted && unwanted.Trim('"') == etag)
        {
            return (null, ServerErrors.Create(304, "notModified", "Not modified"));
        }

        return call.Header("If-Match") is { } wanted && wanted != "*" && wanted.Trim('"') != etag
            ? (null, ServerErrors.Create(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold."))
            : (version, null);
    }

    private static string ContentType(ServerBucket bucket, StoredObject version) =>
        bucket.Extras(version).ContentType ?? version.ContentType ?? "application/octet-stream";

    private static Dictionary<string, string> Headers(ServerBucket bucket, StoredObject version)
    {
        var extras = bucket.Extras(version);
        var hash = "crc32c=" + ServerHash.Format(version.Crc32C) + (extras.Md5Hash is { } md5 ? ",md5=" + md5 : "");
        var headers = new Dictionary<string, string>
        {
            ["Accept-Ranges"] = "bytes",
            ["ETag"] = $"\"{ServerBucket.Etag(version)}\"",
            ["Last-Modified"] = version.Updated.UtcDateTime.ToString("R", CultureInfo.InvariantCulture),
            ["X-Goog-Generation"] = version.Generation.ToString(CultureInfo.InvariantCulture),
            ["X-Goog-Metageneration"] = version.Metageneration.ToString(CultureInfo.InvariantCulture),
            ["X-Goog-Hash"] = hash,
            ["X-Goog-Storage-Class"] = extras.StorageClass ?? "STANDARD",
            ["X-Goog-Stored-Content-Encoding"] = extras.ContentEncoding ?? "identity",
            ["X-Goog-Stored-Content-Length"] = version.Size.ToString(CultureInfo.InvariantCulture),
        };
        if (extras.ContentEncoding is { } encoding)
        {
            headers["Content-Encoding"] = encoding;
        }

        if ((extras.CacheControl ?? version.CacheControl) is { } cacheControl)
        {
            headers["Cache-Control"] = cacheControl;
        }

        return headers;
    }

    /// <summary>Reads a single range; an absent or malformed one means everything, as HTTP wants it.</summary>
    private static bool TryGetRange(ServerCall call, long size, out (long From, long To)? range)
    {
        range = null;
        if (call.Fault?.IgnoreRange == true
            || !RangeHeaderValue.TryParse(call.Header("Range"), out var header)
            || header.Unit != "bytes"
            || header.Ranges.Count != 1)
        {
            return true;
        }

        var wanted = header.Ranges.Single();
        var from = wanted.From ?? Math.Max(0, size - wanted.To!.Value);
        var to = wanted.From is null ? size - 1 : Math.Min(wanted.To ?? long.MaxValue, size - 1);
        if (from >= size || to < from)
        {
            return false;
        }

        range = (from, to);
        return true;
    }
}
