using System.Text.Json;
using Tabular.ModelCache.Sources.Http;

namespace Tabular.ModelCache.Sources.HuggingFace;

/// <summary>One step of a sentence-transformers model.</summary>
/// <param name="Folder">Its folder in the repository, without slashes at the ends; empty for the root.</param>
/// <param name="Type">The Python class: <c>sentence_transformers.models.Pooling</c>.</param>
internal sealed record HubModule(string Folder, string Type)
{
    public const string FileName = "modules.json";

    /// <summary>Those that read weights from their folder, in any version of sentence-transformers; a class derived from them is named alike.</summary>
    private static readonly string[] WithWeights = ["Transformer", "StaticEmbedding", "Dense", "LayerNorm", "CLIPModel"];

    /// <summary>Gets whether it is read with settings of its own. Readers take the mean of all tokens where they find none, and say nothing.</summary>
    public bool IsPooling => Type.EndsWith(".Pooling", StringComparison.Ordinal) || Folder.Contains("Pooling", StringComparison.Ordinal);

    public bool NeedsWeights => WithWeights.Any(w => Type.EndsWith(w, StringComparison.Ordinal));

    /// <summary>Gets the file of the repository that defines the class, if it is not one of a package: <c>custom_st.Transformer</c> is in <c>custom_st.py</c>.</summary>
    public string CodeFile => $"{Type.Split('.')[0]}.py";

    public string Join(string name) => Folder.Length == 0 ? name : $"{Folder}/{name}";

    /// <summary>Reads <c>modules.json</c>.</summary>
    /// <exception cref="ModelCacheException">It is no list of modules.</exception>
    public static IReadOnlyList<HubModule> Parse(string repository, ReadOnlySpan<byte> json)
    {
        HubModuleItem?[]? items;
        try
        {
            items = HubJson.ParseModules(json);
        }
        catch (JsonException e)
        {
            throw New(repository, SourceErrors.Printable(e.Message).TrimEnd('.'), e);
        }

        if (items is null or [] || items.Any(m => m is null))
        {
            throw New(repository, "it lists no modules");
        }

        return [.. items.Select(m => new HubModule(string.Join('/', m!.Path.Split('/').Where(p => p is not ("" or "."))), m.Type))];
    }

    private static ModelCacheException New(string repository, string problem, Exception? cause = null) => new(
        $"The {FileName} of the Hugging Face repository '{repository}' cannot be used: expected is a list of modules with 'path' and 'type', found: {problem}.", cause);
}
