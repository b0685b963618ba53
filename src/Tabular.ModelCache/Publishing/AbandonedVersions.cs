using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Looks for what a run that died before its flip left in a version's folder: by its record, or, where the source promises every SHA-256,
/// by the name that those files must have.
/// </summary>
internal sealed class AbandonedVersions(IObjectStore store)
{
    public async Task<AbandonedVersion?> FindAsync(
        PublishRun run, ManifestEntry? entry, ModelResolution resolution, CancellationToken cancellationToken)
    {
        var expected = AbandonedVersion.ExpectedChecksums(resolution);
        // The last attempt knew of those before it.
        var record = run.Leftovers.Versions.LastOrDefault(
            v => DigestText.Same(v.Source.Digest, resolution.Digest) && (expected is null || v.Checksums == expected) && MayAdopt(run, entry, v.Version));
        if (record is not null)
        {
            return await AbandonedVersion.ReadAsync(store, record, cancellationToken).ConfigureAwait(false);
        }

        if (expected is null)
        {
            return null;
        }

        var prefix = $"{run.Model.Kind}/{run.Model.Name}-";
        await foreach (var item in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            var name = item.Name.Split('/', 3) is [_, var folder, VersionFiles.Done] ? folder : "";
            if (VersionName.IsComplete(name, run.Model.Name) && VersionName.HasChecksums(name, expected) && MayAdopt(run, entry, name))
            {
                return await AbandonedVersion.ReadAsync(store, run.Model, name, expected, resolution, item.Created, cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        return null;
    }

    // What is being deleted is lost, and a damaged version is never mended in place: its folder stays as its readers found it.
    private static bool MayAdopt(PublishRun run, ManifestEntry? entry, string name) =>
        entry?.IsDoomed(name) != true && run.Damaged?.Version.Version != name && (entry?.Find(name) is not { } kept || !entry.IsSuperseded(kept));
}
