using Tabular.ModelCache.Stores.Directories;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether the folder is the mount that the settings say, and can be entered.</summary>
internal sealed class MountCheck : IDoctorCheck
{
    public string Name => "mount";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(20);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if (context.IsShared ? FindWrongMount(context, findings) : FindSharedFolder(context, findings))
        {
            return;
        }

        if ((await context.EnterAsync().ConfigureAwait(false)).Failure is { } failure)
        {
            findings.Error(
                "mount-unusable",
                failure is TimeoutException ? $"the mount {context.Mount.Root} hangs: {failure.Message}" : failure.Message,
                "restart the instance; if the mount ends again, give it more memory and read the log of the mount");
        }
    }

    private static bool FindWrongMount(DoctorContext context, DoctorFindings findings)
    {
        var accepted = context.Options.Mount.AcceptedTypes.Count == 0 ? ["fuse.gcsfuse"] : context.Options.Mount.AcceptedTypes;
        var entry = context.MountEntry;
        if (accepted.Contains("*", StringComparer.Ordinal) || (entry is not null && accepted.Contains(entry.FileSystemType, StringComparer.Ordinal)))
        {
            return false;
        }

        var expected = $"a mount of type {string.Join(" or ", accepted)} is expected at {context.Mount.Root} ({context.Path.Key("MountPath")})";
        if (entry is null || entry.MountPoint != context.Mount.Root)
        {
            var found = entry is null ? "no mount covers it" : $"it lies on '{entry.MountPoint}' of type {entry.FileSystemType}";
            findings.Error(
                "not-mounted",
                $"{expected}, but nothing is mounted there: {found}",
                $"mount the bucket at {context.Mount.Root} (Cloud Run: a Cloud Storage volume and a volume mount), correct {context.Path.Key("MountPath")}, " +
                $"or set {context.Path.Key("SharedVolumeEnabled")} to false for a private directory");
        }
        else
        {
            findings.Error(
                "wrong-mount-type",
                $"{expected}, but {entry.Source} of type {entry.FileSystemType} is mounted there",
                $"mount the bucket there, or add {entry.FileSystemType} to {context.Path.Key("Mount:AcceptedTypes")}");
        }

        return true;
    }

    private static bool FindSharedFolder(DoctorContext context, DoctorFindings findings)
    {
        if (context.MountEntry is not { } entry || !WritableCheck.IsShared(entry.FileSystemType))
        {
            return false;
        }

        findings.Error(
            "shared-volume-off",
            $"{context.Path.Key("SharedVolumeEnabled")} is false, but {context.Mount.Root} lies on {entry.Source} of type {entry.FileSystemType}, which other machines can write: nothing can be pulled",
            $"set {context.Path.Key("SharedVolumeEnabled")} to true and {context.Path.Key("Bucket")} to the bucket, or {context.Path.Key("MountPath")} to a local directory");
        return true;
    }
}
