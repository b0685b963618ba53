namespace Tabular.ModelCache.Manifests;

/// <summary>
/// What an attempt leaves in its staging folder before it promotes: the version that it is about to make. It is what entitles a later
/// run to adopt that version, or to delete what came of it, without guessing from names.
/// </summary>
internal sealed record StagingRecord
{
    public ManifestVersion Version { get; set; } = new();
}
