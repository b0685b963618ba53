using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>An answer before it is sent.</summary>
internal sealed record KeyManagementReply(int Status, string Body)
{
    public static KeyManagementReply Success(JsonObject answer) => new(200, answer.ToJsonString());

    /// <summary>An error as Google's services answer it (<see href="https://cloud.google.com/apis/design/errors#http_mapping"/>).</summary>
    public static KeyManagementReply Error(int status, string code, string message) => new(
        status,
        new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = message, ["status"] = code } }.ToJsonString());

    public static KeyManagementReply Invalid(string message) => Error(400, "INVALID_ARGUMENT", message);
}
