using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Startup;

/// <summary>Whether a manifest satisfies what the configuration wants of one model.</summary>
/// <param name="Version">The version to serve.</param>
/// <param name="Stale">Why the model must be pulled.</param>
/// <param name="Failure">Why neither serving nor pulling is right.</param>
internal sealed record Freshness(ManifestVersion? Version, string? Stale, string? Failure)
{
    public static Freshness Of(WantedModel model, ManifestEntry? entry)
    {
        if (entry is not null && entry.Kind != model.Kind)
        {
            return Failed(
                $"The model '{model.Name}' is configured as {model.Kind}, but manifest.json has it as {entry.Kind}; choose another name, or another kind.");
        }

        if (model.Version is { } wanted)
        {
            return OfVersion(model, wanted, entry);
        }

        if (model.Digest is { } digest)
        {
            return entry?.Versions.FirstOrDefault(v => DigestText.Satisfies(digest, v.Source.Digest)) is { } pinned
                ? Fresh(pinned)
                : IsStale($"no kept version of '{model.Name}' comes from the pinned digest '{digest}'");
        }

        return entry?.ActiveVersion is { } active ? Fresh(active) : IsStale($"the model '{model.Name}' is not in manifest.json");
    }

    private static Freshness OfVersion(WantedModel model, string wanted, ManifestEntry? entry)
    {
        var kept = entry?.Versions ?? [];
        var matches = kept.Where(v => VersionName.Matches(wanted, v.Version)).ToList();
        return matches switch
        {
            // A pin means the content, which may have been published again because this copy was damaged.
            [var one] => Fresh(entry!.LatestCopyOf(one)),
            [] => Failed(
                $"The model '{model.Name}' is pinned to the version '{wanted}', which does not exist; kept are " +
                $"{string.Join(", ", kept.Select(v => v.Version).DefaultIfEmpty("none"))}. A pinned version is never pulled."),
            _ => Failed(
                $"The model '{model.Name}' is pinned to '{wanted}', which means several versions: " +
                $"{string.Join(", ", matches.Select(v => v.Version))}; write the digest as well."),
        };
    }

    private static Freshness Fresh(ManifestVersion version) => new(version, null, null);

    private static Freshness IsStale(string reason) => new(null, reason, null);

    private static Freshness Failed(string reason) => new(null, null, reason);
}
