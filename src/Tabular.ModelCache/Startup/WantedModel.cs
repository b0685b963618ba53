namespace Tabular.ModelCache.Startup;

/// <summary>One configured model, after validation.</summary>
internal sealed record WantedModel(string Name, string Kind, string Source, string? Version, string? Digest)
{
    public static IReadOnlyList<WantedModel> From(ModelCacheOptions options) =>
        [.. options.Models.Select(m => new WantedModel(m.Name!, m.Kind!, m.Source!, m.Version, m.Digest))];
}
