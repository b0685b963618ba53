using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether every kept version is complete in the store, and can be seen through the mount.</summary>
internal sealed class VersionsCheck : IDoctorCheck
{
    private const int MaxDoneBytes = 256;
    private const int MostVersions = 100;

    public string Name => "versions";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if ((await context.ReadManifestAsync().ConfigureAwait(false)).Value is not { } manifest)
        {
            return;
        }

        // A mount that shows another manifest, or nothing, is told by other checks, and would be told again for every version.
        var shown = await context.ReadShownManifestAsync().ConfigureAwait(false);
        var isShown = shown.Value is { } onMount && onMount.Manifest.WriteId == manifest.Manifest.WriteId;
        var undone = new List<string>();
        var unseen = new List<string>();

        // A damaged version that was published again is known to be incomplete, and nobody starts on it.
        var versions = manifest.Manifest.Models.Values.SelectMany(m => m.Versions.Where(v => !m.IsSuperseded(v))).ToList();
        foreach (var version in versions.Take(MostVersions))
        {
            var done = $"{version.Path}/{VersionFiles.Done}";
            var isStored = context.Store is null
                || await context.Store.GetAsync(done, cancellationToken: cancellationToken).ConfigureAwait(false) is not null;
            if (!isStored)
            {
                undone.Add($"{done} in {context.Store!.DisplayName}");
            }
            else if (isShown && await context.Mount.ReadAsync(done, MaxDoneBytes, cancellationToken).ConfigureAwait(false) is null)
            {
                var isFolderShown = await context.Mount.ListAsync(version.Path, cancellationToken).ConfigureAwait(false) is not null;
                (isFolderShown || !context.IsShared ? undone : unseen).Add(isFolderShown ? $"{done} on the mount {context.Mount.Root}" : version.Path);
            }
        }

        if (unseen.Count > 0)
        {
            findings.Error(
                "implicit-directories-off",
                $"{(context.Store is null ? "the manifest names" : $"{context.Store.DisplayName} has")} objects below {unseen[0]}{More(unseen)}, but the mount {context.Mount.Root} does not show that folder",
                $"mount with implicit-dirs=true (Cloud Run's default), use a bucket with a hierarchical namespace, or set {context.Path.Key("Mount:WriteFolderObjects")} and publish again");
        }

        if (undone.Count > 0)
        {
            findings.Error(
                "missing-done",
                $"a kept version is not complete: there is no {undone[0]}{More(undone)}",
                "run model-cache sync, which publishes a damaged active version again; or roll back to another one (model-cache status lists them)");
        }

        if (versions.Count > MostVersions)
        {
            findings.Note($"only the first {MostVersions} of {versions.Count} versions were looked at");
        }
    }

    private static string More(List<string> all) => all.Count > 1 ? $" (and {all.Count - 1} more)" : "";
}
