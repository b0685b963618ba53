using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Startup;

/// <summary>One configured model, after validation.</summary>
internal sealed record WantedModel(string Name, string Kind, string Source, string? Version, string? Digest)
{
    public IReadOnlyList<string> AllowPatterns { get; init; } = [];

    public IReadOnlyList<string> IgnorePatterns { get; init; } = [];

    public static IReadOnlyList<WantedModel> From(ModelCacheOptions options) =>
        [.. options.Models.Select(m => new WantedModel(m.Name!, m.Kind!, m.Source!, m.Version, m.Digest)
        {
            AllowPatterns = [.. m.AllowPatterns],
            IgnorePatterns = [.. m.IgnorePatterns],
        })];

    public ModelSourceRequest ToRequest() => new(Name, Kind, Source)
    {
        Digest = Digest,
        AllowPatterns = AllowPatterns,
        IgnorePatterns = IgnorePatterns,
    };
}
