using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Tabular.ModelCache.Testing;

/// <summary>What a request asks for, read from its raw target: an escaped slash belongs to a name.</summary>
internal sealed record RegistryRoute(string Operation, string? Model = null, string? Reference = null, string? File = null)
{
    public const string OllamaManifest = "ollama.manifest";
    public const string OllamaBlob = "ollama.blob";
    public const string HubModel = "hub.model";
    public const string HubTree = "hub.tree";
    public const string HubResolve = "hub.resolve";
    public const string Cdn = "cdn";
    public const string Unknown = "unknown";

    private Dictionary<string, StringValues> _query = [];

    /// <summary>Gets the path, without the query, as it was sent.</summary>
    public string Path { get; private init; } = "/";

    public static RegistryRoute Parse(string target)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? target : target[..mark];
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        var query = mark < 0 ? [] : QueryHelpers.ParseQuery(target[mark..]);
        return Match(segments) with { Path = path, _query = query };
    }

    public string? Query(string name) => _query.TryGetValue(name, out var value) ? value.ToString() : null;

    public bool IsSet(string name) => string.Equals(Query(name), "true", StringComparison.OrdinalIgnoreCase) || Query(name) == "1";

    private static RegistryRoute Match(string[] segments) => segments switch
    {
        ["cdn", _, _] => new(Cdn),
        ["v2", var space, var model, "manifests", var reference] => new(OllamaManifest, $"{space}/{model}", reference),
        ["v2", var space, var model, "blobs", var digest] => new(OllamaBlob, $"{space}/{model}", digest),
        ["v2", ..] => new(Unknown),
        ["api", "models", .. var rest] => MatchApi(rest),
        [var name, "resolve", var reference, .. var path] when path.Length > 0 => new(HubResolve, name, reference, string.Join('/', path)),
        [var owner, var name, "resolve", var reference, .. var path] when path.Length > 0 =>
            new(HubResolve, $"{owner}/{name}", reference, string.Join('/', path)),
        _ => new(Unknown),
    };

    private static RegistryRoute MatchApi(string[] segments) => segments switch
    {
        [var name, "revision", var reference] => new(HubModel, name, reference),
        [var name, "tree", var reference, .. var path] => new(HubTree, name, reference, string.Join('/', path)),
        [var owner, var name, "revision", var reference] => new(HubModel, $"{owner}/{name}", reference),
        [var owner, var name, "tree", var reference, .. var path] => new(HubTree, $"{owner}/{name}", reference, string.Join('/', path)),
        [var name] => new(HubModel, name, "main"),
        [var owner, var name] => new(HubModel, $"{owner}/{name}", "main"),
        _ => new(Unknown),
    };
}
