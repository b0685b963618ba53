using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>One request while it is served: its route, its query, its body.</summary>
internal sealed class ServerCall
{
    private readonly Dictionary<string, StringValues> _query;

    public ServerCall(HttpContext context, string target)
    {
        Context = context;
        var split = target.IndexOf('?', StringComparison.Ordinal);
        _query = QueryHelpers.ParseQuery(split < 0 ? "" : target[split..]);
        Route = ServerRoute.Parse(context.Request.Method, split < 0 ? target : target[..split], Query);
        if (Route.Operation == "storage.objects.insert.chunk" && Header("Content-Range")?.StartsWith("bytes */", StringComparison.Ordinal) == true)
        {
            Route = Route with { Operation = "storage.objects.insert.query" };
        }

        Body = new CountingStream(context.Request.Body);
    }

    public HttpContext Context { get; }

    public ServerRoute Route { get; }

    public CountingStream Body { get; }

    public CloudStorageFault? Fault { get; set; }

    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>Scheme, host and port as the client wrote them, for the links in answers.</summary>
    public string Origin => $"{Context.Request.Scheme}://{Context.Request.Host}";

    public string? Query(string name) => _query.TryGetValue(name, out var values) ? values[0] : null;

    public StringValues QueryAll(string name) => _query.GetValueOrDefault(name);

    public long? Number(string name) => Query(name) is not { } text
        ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= 0
            ? value
            : throw new FormatException($"Invalid value for {name}: '{text}'");

    public string? Header(string name) => Context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public ObjectPreconditions Conditions() => Read("if");

    public ObjectPreconditions SourceConditions() => Read("ifSource");

    /// <summary>Reads a JSON body of at most 1 MiB; an absent one is an empty object.</summary>
    /// <exception cref="FormatException">It is not a JSON object, or too large.</exception>
    public async Task<JsonObject> ReadJsonAsync(Stream? content = null)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await (content ?? Body).ReadAsync(chunk, Aborted).ConfigureAwait(false)) > 0)
        {
            buffer.Write(chunk.AsSpan(0, read));
            if (buffer.Length > 1024 * 1024)
            {
                throw new FormatException("The metadata is longer than 1 MiB.");
            }
        }

        if (buffer.Length == 0)
        {
            return [];
        }

        try
        {
            // Google's Go client writes "null" where it has nothing to say.
            return JsonNode.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)) switch
            {
                null => [],
                JsonObject body => body,
                _ => throw new FormatException("The body must be a JSON object."),
            };
        }
        catch (JsonException)
        {
            throw new FormatException("Parse Error");
        }
    }

    private ObjectPreconditions Read(string prefix) => new()
    {
        IfGenerationMatch = Number(prefix + "GenerationMatch"),
        IfGenerationNotMatch = Number(prefix + "GenerationNotMatch"),
        IfMetagenerationMatch = Number(prefix + "MetagenerationMatch"),
        IfMetagenerationNotMatch = Number(prefix + "MetagenerationNotMatch"),
    };
}
