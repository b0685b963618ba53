using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Operations;

/// <summary>Finds the kept version that a command means. What is being deleted, or was never there, is refused with what is kept.</summary>
internal static class KeptVersions
{
    /// <summary>The version of a name, the digest left out where that is unambiguous.</summary>
    /// <exception cref="ModelCacheException">There is none, or more than one.</exception>
    public static ManifestVersion Find(string model, ManifestEntry entry, string wanted)
    {
        var matches = entry.Versions.Where(v => VersionName.Matches(wanted, v.Version)).ToList();
        return matches switch
        {
            [var one] => one,
            [] => throw new ModelCacheException(
                entry.Doomed.Any(d => VersionName.Matches(wanted, d.Version))
                    ? $"The version '{wanted}' of the model '{model}' is being deleted and cannot come back; kept are {List(entry)}."
                    : $"The model '{model}' has no version '{wanted}'; kept are {List(entry)}."),
            _ => throw new ModelCacheException(
                $"'{wanted}' means several versions of the model '{model}': {string.Join(", ", matches.Select(v => v.Version))}; write the digest as well."),
        };
    }

    /// <summary>
    /// The version that was active before the present one. After a rollback that is an older one: going back once more never means going
    /// forward to what was rolled back from.
    /// </summary>
    /// <exception cref="ModelCacheException">None is kept.</exception>
    public static ManifestVersion FindPrevious(string model, ManifestEntry entry)
    {
        if (entry.ActiveVersion is not { } active)
        {
            throw new ModelCacheException($"The model '{model}' has no active version to roll back from; activate one of {List(entry)}.");
        }

        return entry.Versions
            .SkipWhile(v => entry.Held is not null && v.Version != active.Version)
            .Where(v => v.RetiredAt is not null && v.Checksums != active.Checksums && v.Source.Digest != entry.Held && !entry.IsSuperseded(v))
            .OrderByDescending(v => v.RetiredAt)
            .FirstOrDefault() ??
            throw new ModelCacheException(
                $"The model '{model}' has no kept version that was active before {active.Version}{(entry.Held is null ? "" : $" and before '{entry.Held}', which is held back")}; " +
                $"kept are {List(entry)}: name one with --to.");
    }

    public static string List(ManifestEntry entry) => string.Join(
        ", ", entry.Versions.Select(v => v.Version == entry.Active ? $"{v.Version} (active)" : v.Version).DefaultIfEmpty("none"));
}
