using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Manifests;

/// <summary>
/// What a manifest must be before any of it is used: a bucket is not trusted to name a file outside its folder, a key, or an unbounded
/// size.
/// </summary>
internal static class ManifestRules
{
    private const int MostModels = 1000;
    private const int MostVersions = 10_000;
    private const int MostFiles = 50_010;
    private const int MostText = 1024;

    /// <returns>The rule that is broken; <see langword="null"/> when all hold.</returns>
    public static string? FindProblem(Manifest? manifest)
    {
        if (manifest is null)
        {
            return "it is empty";
        }

        if (manifest.SchemaVersion != Manifest.CurrentSchemaVersion)
        {
            return manifest.SchemaVersion > Manifest.CurrentSchemaVersion
                ? $"its schemaVersion is {manifest.SchemaVersion}, and this version of Tabular.ModelCache understands {Manifest.CurrentSchemaVersion}: update the package"
                : $"its schemaVersion is {manifest.SchemaVersion}; expected is {Manifest.CurrentSchemaVersion}";
        }

        if (manifest.Sequence < 0 || manifest.Sequence == long.MaxValue)
        {
            return $"its sequence is {manifest.Sequence}";
        }

        if (manifest.Models.Count > MostModels)
        {
            return $"it has {manifest.Models.Count} models; allowed are {MostModels}";
        }

        foreach (var (name, entry) in manifest.Models)
        {
            if (!ModelName.IsValid(name))
            {
                return $"a model's name is not valid; allowed are {ModelName.Allowed}";
            }

            if (FindProblem(name, entry) is { } problem)
            {
                return $"model '{name}': {problem}";
            }
        }

        return null;
    }

    /// <summary>Checks one version of a model; also used for what a dead run left behind.</summary>
    public static string? FindProblem(string model, string kind, ManifestVersion? version)
    {
        if (version?.Source is null || version.Files is null)
        {
            return "a version is null";
        }

        if (!VersionName.IsComplete(version.Version, model))
        {
            return $"a version is not named {model}-yyyy-mm-dd-<12 hex digits>";
        }

        if (version.Path != $"{kind}/{version.Version}")
        {
            return $"version '{version.Version}' has another path than {kind}/{version.Version}";
        }

        if (!Sha256Hex.IsValid(version.Checksums) || !VersionName.HasChecksums(version.Version, version.Checksums))
        {
            return $"version '{version.Version}' is not named for its checksums '{Shorten(version.Checksums)}'";
        }

        if (version.Bytes < 0 || IsLong(version.Source.Uri) || IsLong(version.Source.Digest) || string.IsNullOrEmpty(version.Source.Digest))
        {
            return $"version '{version.Version}' has a size or source that is not valid";
        }

        return FindProblem(version);
    }

    private static string? FindProblem(string model, ManifestEntry? entry)
    {
        if (entry?.Pins is null || entry.Doomed is null || entry.Versions is null)
        {
            return "it is null";
        }

        if (entry.Kind is not (ModelKinds.Ollama or ModelKinds.Sbert))
        {
            return $"its kind is '{Shorten(entry.Kind)}'; expected is {ModelKinds.Ollama} or {ModelKinds.Sbert}";
        }

        if (IsLong(entry.Attempt) || IsLong(entry.Held) || IsLong(entry.HeldReason) || entry.Versions.Count > MostVersions || entry.Doomed.Count > MostVersions)
        {
            return "it is larger than any real one";
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in entry.Versions)
        {
            if (FindProblem(model, entry.Kind, version) is { } problem)
            {
                return problem;
            }

            if (!names.Add(version.Version))
            {
                return $"version '{version.Version}' occurs twice";
            }
        }

        foreach (var doomed in entry.Doomed)
        {
            if (doomed is null || !VersionName.IsComplete(doomed.Version, model) || doomed.Path != $"{entry.Kind}/{doomed.Version}" ||
                names.Contains(doomed.Version))
            {
                return "a doomed version has a name or path that is not valid, or is kept as well";
            }
        }

        if (entry.Active is not null && !names.Contains(entry.Active))
        {
            return $"its active version '{Shorten(entry.Active)}' is not among its versions";
        }

        return entry.Pins.FirstOrDefault(p => p is null || !names.Contains(p)) is { } pin
            ? $"its pin '{Shorten(pin)}' is not among its versions"
            : null;
    }

    private static string? FindProblem(ManifestVersion version)
    {
        if (version.Files.Count > MostFiles || version.Files.Any(f => f is null))
        {
            return $"version '{version.Version}' has {version.Files.Count} files; allowed are {MostFiles}";
        }

        if (VersionPaths.FindProblem(version.Files.Select(f => (f.Path, f.Size))) is { } problem)
        {
            return $"version '{version.Version}': {problem}";
        }

        foreach (var file in version.Files)
        {
            if (!Sha256Hex.IsValid(file.Sha256))
            {
                return $"version '{version.Version}': the sha256 of '{file.Path}' is not 64 lower-case hex digits";
            }

            if (file.Regions is { } regions && (regions.Size < 1 << 20 || regions.Sha256 is null ||
                regions.Sha256.Count != FileRegions.CountFor(file.Size, regions.Size) || !regions.Sha256.All(Sha256Hex.IsValid)))
            {
                return $"version '{version.Version}': the regions of '{file.Path}' do not add up to its size";
            }
        }

        var marker = version.Files.FirstOrDefault(f => f.Path == VersionFiles.Checksums);
        return marker?.Sha256 == version.Checksums && version.Files.Any(f => f.Path == VersionFiles.Done)
            ? null
            : $"version '{version.Version}' does not list {VersionFiles.Checksums} with its digest and {VersionFiles.Done}";
    }

    private static bool IsLong(string? text) => text?.Length > MostText;

    private static string Shorten(string? text) =>
        string.Concat((text ?? "null").Take(100).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
