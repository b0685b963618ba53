using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>The documents of the Hub that are read, without what is not needed of them.</summary>
internal static class HubJson
{
    private static readonly HubJsonContext Context = new(new JsonSerializerOptions
    {
        AllowDuplicateProperties = false,
        MaxDepth = 32,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    });

    /// <exception cref="JsonException">It is not such a document.</exception>
    public static HubRevisionDocument? ParseRevision(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.HubRevisionDocument);

    /// <inheritdoc cref="ParseRevision"/>
    public static HubTreeItem?[]? ParseTree(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.HubTreeItemArray);

    /// <inheritdoc cref="ParseRevision"/>
    public static HubModuleItem?[]? ParseModules(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.HubModuleItemArray);
}

/// <summary><c>GET /api/models/{id}/revision/{revision}</c>.</summary>
internal sealed record HubRevisionDocument(string Sha);

/// <summary>An item of <c>GET /api/models/{id}/tree/{revision}</c>: huggingface_hub, <c>hf_api.py</c>, <c>RepoFile</c>.</summary>
internal sealed record HubTreeItem(string Type, string Path, string? Oid = null, long? Size = null, HubLfsItem? Lfs = null);

internal sealed record HubLfsItem(string Oid, long Size);

/// <summary>An item of <c>modules.json</c>: sentence-transformers, <c>base/model.py</c>.</summary>
internal sealed record HubModuleItem(string Path, string Type);

[JsonSerializable(typeof(HubRevisionDocument))]
[JsonSerializable(typeof(HubTreeItem[]))]
[JsonSerializable(typeof(HubModuleItem[]))]
internal sealed partial class HubJsonContext : JsonSerializerContext;
