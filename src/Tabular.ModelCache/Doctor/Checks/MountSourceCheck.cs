using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether the mount shows the bucket, and the folder of it, that the store is.</summary>
internal sealed class MountSourceCheck : IDoctorCheck
{
    public string Name => "mount-source";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(45);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        var shown = await context.ReadShownManifestAsync().ConfigureAwait(false);
        var stored = await context.ReadStoredManifestAsync().ConfigureAwait(false);
        var entered = await context.EnterAsync().ConfigureAwait(false);
        if (context.HasSeparateStore && stored.Failure is null && entered.Failure is null && shown.Failure is { } unreadable)
        {
            if (unreadable is ModelCacheException { IsDistrust: true })
            {
                findings.Error("manifest-not-trusted", unreadable.Message, ManifestCheck.Untrusted(context));
                return;
            }

            findings.Error(
                "mount-unusable",
                $"the manifest of the store can be read, but not through the mount: {unreadable.Message}",
                "give the account of the mount roles/storage.objectViewer, and the user of this process the right to read (options uid, gid, file-mode)");
            return;
        }

        if (!context.HasSeparateStore || shown.Value is not { } onMount || stored.Value is not { } inStore)
        {
            return;
        }

        // Random per flip, so two manifests that have it in common are one.
        if (inStore.Generation != 0 && onMount.Manifest.WriteId == inStore.Manifest.WriteId)
        {
            if (context.IsAnotherSource)
            {
                findings.Note($"the mount names its source '{context.MountEntry!.Source}', not '{context.BucketName}', but shows the manifest of that bucket");
            }

            return;
        }

        if (context.IsAnotherSource)
        {
            FindWrongBucket(context, findings, onMount, inStore);
            return;
        }

        await FindWrongFolderAsync(context, findings, onMount, inStore, cancellationToken).ConfigureAwait(false);
    }

    private static void FindWrongBucket(DoctorContext context, DoctorFindings findings, ManifestSnapshot onMount, ManifestSnapshot inStore)
    {
        // On an empty pair nothing proves that the mount is another one, and some launchers name the source in their own way.
        var isEmpty = inStore.Generation == 0 && onMount == ManifestSnapshot.Empty;
        findings.Add(new Finding(
            "wrong-bucket",
            isEmpty ? FindingSeverity.Warning : FindingSeverity.Error,
            $"{context.Mount.Root} is a mount of '{context.MountEntry!.Source}', but {context.Path.Key("Bucket")} is '{context.BucketName}'{(isEmpty ? "; neither has a manifest yet" : ", and their manifests differ")}",
            $"mount gs://{context.BucketName} at {context.Mount.Root}, or set {context.Path.Key("Bucket")} to the bucket that is mounted"));
    }

    private static async Task FindWrongFolderAsync(
        DoctorContext context, DoctorFindings findings, ManifestSnapshot onMount, ManifestSnapshot inStore, CancellationToken cancellationToken)
    {
        var prefix = context.Options.Prefix?.Trim('/') ?? "";
        if (onMount != ManifestSnapshot.Empty && inStore.Generation == 0)
        {
            findings.Error(
                "prefix-mismatch",
                $"the mount shows a manifest of sequence {onMount.Manifest.Sequence}, but {context.Store!.DisplayName} has none: the mount shows another folder of the bucket",
                $"set {context.Path.Key("Prefix")} to the folder that the mount's option only-dir names{(prefix.Length > 0 ? $" (the setting is '{prefix}')" : "")}, or change only-dir");
            return;
        }

        if (onMount == ManifestSnapshot.Empty && prefix.Length > 0
            && await context.Mount.ReadAsync($"{prefix}/{VersionFiles.Manifest}", ManifestJson.MaxBytes, cancellationToken).ConfigureAwait(false) is not null)
        {
            findings.Error(
                "prefix-mismatch",
                $"{context.Path.Key("Prefix")} is '{prefix}', but the mount shows the whole bucket: the manifest is at {context.Mount.Root}/{prefix}/{VersionFiles.Manifest}",
                $"add only-dir={prefix} to the options of the mount");
            return;
        }

        await FindStaleAsync(context, findings, onMount, inStore, cancellationToken).ConfigureAwait(false);
    }

    private static async Task FindStaleAsync(
        DoctorContext context, DoctorFindings findings, ManifestSnapshot onMount, ManifestSnapshot inStore, CancellationToken cancellationToken)
    {
        if (inStore.Generation == 0)
        {
            return;
        }

        var item = await context.Store!.GetAsync(VersionFiles.Manifest, cancellationToken: cancellationToken).ConfigureAwait(false);
        var age = item is null ? TimeSpan.Zero : context.Time.GetUtcNow() - item.Updated;
        var isLate = age > context.Options.Mount.LagTimeout;
        var seen = onMount == ManifestSnapshot.Empty ? "no manifest" : $"the manifest of sequence {onMount.Manifest.Sequence}";
        findings.Add(new Finding(
            "mount-stale",
            isLate ? FindingSeverity.Error : FindingSeverity.Warning,
            $"the mount shows {seen}, but {context.Store.DisplayName} has sequence {inStore.Manifest.Sequence}, since {Math.Max(0, age.TotalSeconds):0} s",
            isLate
                ? $"lower the mount's option metadata-cache-ttl-secs below {context.Path.Key("Mount:LagTimeout")} ({context.Options.Mount.LagTimeout.TotalSeconds:0} s), and restart the instance"
                : "wait until the mount's metadata cache (60 s by default) has run out, then look again"));
    }
}
