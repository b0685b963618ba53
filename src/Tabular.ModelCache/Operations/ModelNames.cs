using Microsoft.Extensions.Options;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Operations;

/// <summary>Finds the models that a command names.</summary>
internal sealed class ModelNames(IOptions<ModelCacheOptions> options)
{
    public IReadOnlyList<WantedModel> Configured => WantedModel.From(options.Value);

    /// <summary>The configured models, or the one of this name.</summary>
    /// <exception cref="ModelCacheException">None is configured under this name.</exception>
    public IReadOnlyList<WantedModel> Select(string? only)
    {
        var models = Configured.Where(m => only is null || string.Equals(m.Name, only, StringComparison.OrdinalIgnoreCase)).ToList();
        return models.Count > 0 ? models : throw Unknown($"No model named '{only}' is configured", Configured.Select(m => m.Name));
    }

    /// <summary>The exact name of a model that the manifest has, whether or not it is configured here.</summary>
    /// <exception cref="ModelCacheException">The manifest has none of this name.</exception>
    public static string FindPublished(ManifestSnapshot snapshot, string name) =>
        Find(snapshot.Manifest.Models.Keys, name) ?? throw Unknown($"No model named '{name}' is in manifest.json", snapshot.Manifest.Models.Keys);

    /// <summary>The exact name of a model that the manifest or the configuration has.</summary>
    /// <exception cref="ModelCacheException">Neither has one of this name.</exception>
    public string FindAny(ManifestSnapshot snapshot, string name)
    {
        var all = snapshot.Manifest.Models.Keys.Union(Configured.Select(m => m.Name), StringComparer.Ordinal).ToList();
        return Find(all, name) ?? throw Unknown($"No model named '{name}' is in manifest.json or configured", all);
    }

    private static string? Find(IEnumerable<string> names, string name)
    {
        var all = names.ToList();
        return all.Find(n => n == name) ?? all.Find(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase));
    }

    private static ModelCacheException Unknown(string what, IEnumerable<string> known) =>
        new($"{what}; known are {string.Join(", ", known.Order(StringComparer.Ordinal).DefaultIfEmpty("none"))}.") { ExitCode = ModelCacheExitCodes.Usage };
}
