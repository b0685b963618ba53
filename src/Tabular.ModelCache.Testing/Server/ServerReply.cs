using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>An answer, complete before any of it is sent, so that a fault can come between effect and answer. Content is streamed.</summary>
internal sealed class ServerReply(int status)
{
    public int Status { get; } = status;

    public JsonNode? Json { get; init; }

    public string? Text { get; init; }

    public string ContentType { get; init; } = "application/json; charset=UTF-8";

    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Content to stream, and how many bytes it has.</summary>
    public ObjectContent? Content { get; init; }

    public long? ContentLength { get; init; }

    /// <summary>Whether an object or a bucket changed.</summary>
    public bool Mutated { get; init; }

    /// <summary>Whether the connection cannot be used any more, because the request's body was not read to its end.</summary>
    public bool Close { get; init; }

    public static ServerReply Ok(JsonNode json, bool mutated = false) => new(200) { Json = json, Mutated = mutated };
}
