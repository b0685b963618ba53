using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>Answers for buckets, as far as clients ask before they touch objects.</summary>
internal static class BucketHandler
{
    public static ServerReply List(ServerCall call, ServerBuckets buckets)
    {
        var items = new JsonArray([.. buckets.All.Select(bucket => (JsonNode)bucket.Describe(call.Origin))]);
        return ServerReply.Ok(new JsonObject { ["kind"] = "storage#buckets", ["items"] = items });
    }

    public static ServerReply Get(ServerCall call, ServerBucket bucket) => ServerReply.Ok(bucket.Describe(call.Origin));

    public static async Task<ServerReply> InsertAsync(ServerCall call, ServerBuckets buckets)
    {
        var name = new UploadMetadata(await call.ReadJsonAsync().ConfigureAwait(false)).Name ?? "";
        return buckets.Create(name) is { } bucket
            ? ServerReply.Ok(bucket.Describe(call.Origin), mutated: true)
            : ServerErrors.Invalid($"Invalid bucket name: '{name}'");
    }

    public static async Task<ServerReply> DeleteAsync(ServerCall call, ServerBuckets buckets, ServerBucket bucket)
    {
        await foreach (var _ in bucket.Store.ListAsync("", call.Aborted).ConfigureAwait(false))
        {
            return ServerErrors.Create(409, "conflict", "The bucket you tried to delete is not empty.");
        }

        buckets.Remove(bucket.Name);
        return new ServerReply(204) { Mutated = true };
    }

    public static ServerReply GetStorageLayout(ServerBucket bucket) => ServerReply.Ok(new JsonObject
    {
        ["kind"] = "storage#storageLayout",
        ["bucket"] = bucket.Name,
        ["location"] = "US",
        ["locationType"] = "multi-region",
        ["hierarchicalNamespace"] = new JsonObject { ["enabled"] = false },
    });

    public static ServerReply TestPermissions(ServerCall call, CloudStorageServerOptions options)
    {
        var granted = call.QueryAll("permissions").Where(p => p is not null && (options.HasPermission?.Invoke(p) ?? true));
        var answer = new JsonObject { ["kind"] = "storage#testIamPermissionsResponse" };
        if (granted.Select(p => (JsonNode)JsonValue.Create(p)!).ToArray() is { Length: > 0 } permissions)
        {
            answer["permissions"] = new JsonArray(permissions);
        }

        return ServerReply.Ok(answer);
    }

    public static ServerReply GetIamPolicy() =>
        ServerReply.Ok(new JsonObject { ["kind"] = "storage#policy", ["version"] = 1, ["etag"] = "CAE=", ["bindings"] = new JsonArray() });
}
