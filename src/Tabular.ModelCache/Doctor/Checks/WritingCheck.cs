using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>Whether a start that is to pull has anywhere to write.</summary>
internal sealed class WritingCheck : IDoctorCheck
{
    public string Name => "writing";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(45);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if (!context.Options.PullWhenStale)
        {
            return;
        }

        string evidence;
        string fix;
        if (context.IsShared && context.Store is null)
        {
            evidence = $"{context.Path.Key("PullWhenStale")} is true, but the shared volume {context.Mount.Root} is only read because {context.Path.Key("Bucket")} is not set";
            fix = $"set {context.Path.Key("Bucket")} to the bucket behind the mount, or {context.Path.Key("PullWhenStale")} to false where only the sync job pulls";
        }
        else if (!context.IsShared && context.MountEntry is { } entry && IsReadOnly(entry.Options))
        {
            evidence = $"{context.Path.Key("PullWhenStale")} is true, but {context.Mount.Root} lies on '{entry.MountPoint}', which is mounted read only ({entry.Options})";
            fix = $"mount it for writing, set {context.Path.Key("MountPath")} to a folder that can be written, or {context.Path.Key("PullWhenStale")} to false";
        }
        else
        {
            return;
        }

        var manifest = await context.ReadManifestAsync().ConfigureAwait(false);
        var isStale = manifest.Value is { } snapshot && context.Models.Any(m => Freshness.Of(m, snapshot.Entry(m.Name)).Version is null);
        findings.Add(new Finding(
            "mount-read-only",
            isStale ? FindingSeverity.Error : FindingSeverity.Warning,
            evidence + (isStale ? ", and a wanted model is not there" : "; a start that has to pull would fail"),
            fix));
    }

    internal static bool IsReadOnly(string options) => options.Split(',').Contains("ro", StringComparer.Ordinal);
}
