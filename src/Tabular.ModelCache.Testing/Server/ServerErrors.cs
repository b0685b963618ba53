using System.Security;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Google's error answers (<see href="https://cloud.google.com/storage/docs/json_api/v1/status-codes"/>).</summary>
internal static class ServerErrors
{
    public static ServerReply Create(int status, string reason, string message, bool isXml = false)
    {
        if (status == 304)
        {
            return new ServerReply(304);
        }

        if (isXml)
        {
            var code = status == 404 ? "NoSuchKey" : reason;
            return new ServerReply(status)
            {
                ContentType = "application/xml; charset=UTF-8",
                Text = $"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{SecurityElement.Escape(code)}</Code><Message>{SecurityElement.Escape(message)}</Message></Error>",
            };
        }

        return new ServerReply(status)
        {
            Json = new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = status,
                    ["message"] = message,
                    ["errors"] = new JsonArray(new JsonObject { ["message"] = message, ["domain"] = "global", ["reason"] = reason }),
                },
            },
        };
    }

    public static ServerReply NoObject(string bucket, string name, bool isXml = false) =>
        Create(404, "notFound", $"No such object: {bucket}/{name}", isXml);

    public static ServerReply NoBucket(bool isXml = false) => Create(404, "notFound", "The specified bucket does not exist.", isXml);

    public static ServerReply Invalid(string message) => Create(400, "invalid", message);

    public static ServerReply TooManyMutations(string bucket, string name) => Create(
        429, "rateLimitExceeded",
        $"The object {bucket}/{name} exceeded the rate limit for object mutation operations (create, update, and delete). "
        + "Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.");

    public static ServerReply From(ObjectStoreException e, string bucket, string name, bool isXml = false) => e.Error switch
    {
        ObjectStoreError.NotFound => NoObject(bucket, name, isXml),
        ObjectStoreError.NotModified => Create(304, "notModified", "Not modified"),
        ObjectStoreError.PreconditionFailed =>
            Create(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.", isXml),
        ObjectStoreError.RangeNotSatisfiable => Create(416, "requestedRangeNotSatisfiable", "Request range not satisfiable", isXml),
        ObjectStoreError.InvalidRequest or ObjectStoreError.Corrupted => Create(400, "invalid", e.Message, isXml),
        ObjectStoreError.Unauthenticated => Create(401, "authError", e.Message, isXml),
        ObjectStoreError.PermissionDenied or ObjectStoreError.ReadOnly => Create(403, "forbidden", e.Message, isXml),
        ObjectStoreError.StoreNotFound => NoBucket(isXml),
        ObjectStoreError.RateLimited => Create(429, "rateLimitExceeded", e.Message, isXml),
        _ => Create(503, "backendError", e.Message, isXml),
    };
}
