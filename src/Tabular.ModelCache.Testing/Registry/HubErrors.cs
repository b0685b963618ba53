using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>The errors of the Hub: JSON with a sentence, and headers that name the kind.</summary>
internal static class HubErrors
{
    public static RegistryReply BadToken() => Create(401, null, "Invalid credentials in Authorization header");

    public static RegistryReply NoRepository(bool isKnown) => isKnown
        ? Create(404, "RepoNotFound", "Repository not found")
        : Create(401, "RepoNotFound", "Invalid username or password.");

    public static RegistryReply NoRevision(RegistryRoute route) =>
        Create(404, "RevisionNotFound", $"Invalid rev id: {route.Reference}");

    public static RegistryReply NoEntry(RegistryRoute route) =>
        Create(404, "EntryNotFound", $"{route.File} does not exist on \"{route.Reference}\"");

    public static RegistryReply BadRequest(string message) => Create(400, null, message);

    public static RegistryReply Gated(string id, bool isKnown) => isKnown
        ? Create(403, "GatedRepo", $"Access to model {id} is restricted and you are not in the authorized list.")
        : Create(401, "GatedRepo", $"Access to model {id} is restricted. You must have access to it and be authenticated to access it.");

    private static RegistryReply Create(int status, string? code, string message)
    {
        var reply = RegistryReply.Json(status, new JsonObject { ["error"] = message }).With("X-Error-Message", message);
        return code is null ? reply : reply.With("X-Error-Code", code);
    }
}
