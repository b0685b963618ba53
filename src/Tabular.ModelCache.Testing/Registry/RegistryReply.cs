using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tabular.ModelCache.Testing;

/// <summary>An answer before it is sent.</summary>
internal sealed class RegistryReply(int status)
{
    public int Status { get; } = status;

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public GeneratedContent Content { get; private init; } = GeneratedContent.FromBytes([]);

    public string? ContentType { get; private init; }

    /// <summary>Gets whether a range of the content can be asked for.</summary>
    public bool Ranged { get; private init; }

    public static RegistryReply Text(int status, string text, string contentType = "text/plain; charset=utf-8") =>
        new(status) { Content = GeneratedContent.FromText(text), ContentType = contentType };

    public static RegistryReply Json(int status, JsonNode json) => Bytes(
        status, JsonSerializer.SerializeToUtf8Bytes(json, RegistryJson.Options), "application/json; charset=utf-8");

    public static RegistryReply Bytes(int status, byte[] bytes, string contentType) =>
        new(status) { Content = GeneratedContent.FromBytes(bytes), ContentType = contentType };

    public static RegistryReply File(GeneratedContent content, string entityTag)
    {
        var reply = new RegistryReply(200) { Content = content, ContentType = "application/octet-stream", Ranged = true };
        return reply.With("Accept-Ranges", "bytes").With("ETag", $"\"{entityTag}\"").With("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    }

    public static RegistryReply Redirect(int status, string location) => Text(status, $"Redirecting to {location}").With("Location", location);

    public RegistryReply With(string name, string value)
    {
        Headers[name] = value;
        return this;
    }
}
