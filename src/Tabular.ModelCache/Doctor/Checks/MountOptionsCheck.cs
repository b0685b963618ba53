using System.Globalization;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>The flags of gcsfuse that keep a new version, or a file, from being seen.</summary>
internal sealed class MountOptionsCheck : IDoctorCheck
{
    public string Name => "mount-options";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(10);

    public Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        if (!context.IsShared || context.MountEntry is not { FileSystemType: "fuse.gcsfuse" } entry)
        {
            return Task.CompletedTask;
        }

        if (GcsfuseFlags.Find(entry, context.Surroundings.CommandLines()) is not { } flags)
        {
            findings.Note(
                "the flags of gcsfuse are not visible: it hands none to the kernel, and its process is not seen from here. Only the effects were looked at; on Cloud Run see " +
                "`gcloud run services describe SERVICE --format=yaml`, mountOptions");
            return Task.CompletedTask;
        }

        if (flags.HasFile)
        {
            findings.Note($"gcsfuse also reads {flags.Get("config-file")}, which was not looked at");
        }

        FindLongLife(context, findings, flags);
        FindOtherFlags(context, findings, flags);
        return Task.CompletedTask;
    }

    private static void FindLongLife(DoctorContext context, DoctorFindings findings, GcsfuseFlags flags)
    {
        var limit = context.Options.Mount.LagTimeout.TotalSeconds;
        string[] lives = ["metadata-cache-ttl-secs", "metadata-cache-negative-ttl-secs", "stat-cache-ttl", "type-cache-ttl"];
        var seen = lives.Where(flag => IsLonger(flags.Get(flag), limit)).Select(flag => $"{flag}={flags.Get(flag)}").ToList();
        if (flags.Get("profile") is { Length: > 0 } profile)
        {
            // The profiles aiml-* keep metadata for ever unless the flag says otherwise (gcsfuse cfg/params.yaml).
            if (profile.StartsWith("aiml-", StringComparison.Ordinal) && flags.Get(lives[0]) is null)
            {
                seen.Add($"profile={profile}, which keeps metadata for ever");
            }
        }

        if (seen.Count > 0)
        {
            findings.Error(
                "metadata-ttl-too-long",
                $"gcsfuse runs with {string.Join(", ", seen)}, so the mount shows a new version later than {context.Path.Key("Mount:LagTimeout")} ({limit:0} s) waits for it",
                $"mount with metadata-cache-ttl-secs=60, or raise {context.Path.Key("Mount:LagTimeout")}");
        }
    }

    private static void FindOtherFlags(DoctorContext context, DoctorFindings findings, GcsfuseFlags flags)
    {
        if (flags.Get("kernel-list-cache-ttl-secs") is { } lists && lists != "0")
        {
            findings.Warning(
                "list-cache-on",
                $"gcsfuse runs with kernel-list-cache-ttl-secs={lists}: the kernel keeps listings, of empty folders for ever",
                "mount with kernel-list-cache-ttl-secs=0, the default");
        }

        if (flags.Get("enable-nonexistent-type-cache") is { } absent && !IsFalse(absent))
        {
            findings.Warning(
                "absence-cache-on",
                "gcsfuse runs with enable-nonexistent-type-cache: a name that was once missing stays missing for the whole time to live",
                "mount without enable-nonexistent-type-cache");
        }

        var prefix = context.Options.Prefix?.Trim('/') ?? "";
        if (context.HasSeparateStore && (flags.Get("only-dir")?.Trim('/') ?? "") is var folder && folder != prefix)
        {
            findings.Error(
                "prefix-mismatch",
                $"the mount shows the folder '{folder}' of the bucket (only-dir), but {context.Path.Key("Prefix")} is '{prefix}'",
                $"set {context.Path.Key("Prefix")} to '{folder}', or only-dir to '{prefix}'");
        }
    }

    private static bool IsLonger(string? value, double limit)
    {
        if (string.IsNullOrEmpty(value))
        {
            return false;
        }

        // Seconds, or a duration of Go for the old flags: 60, -1, 1h30m0s.
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds < 0 || seconds > limit;
        }

        return ReadDuration(value) > limit;
    }

    private static double ReadDuration(string value)
    {
        var total = 0.0;
        var start = 0;
        while (start < value.Length)
        {
            var unit = start;
            while (unit < value.Length && (char.IsAsciiDigit(value[unit]) || value[unit] == '.'))
            {
                unit++;
            }

            var end = unit;
            while (end < value.Length && char.IsAsciiLetter(value[end]))
            {
                end++;
            }

            if (end == start || !double.TryParse(value.AsSpan(start, unit - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return 0;
            }

            total += number * value[unit..end] switch { "h" => 3600, "m" => 60, "s" => 1, _ => 0 };
            start = end;
        }

        return total;
    }

    private static bool IsFalse(string value) => value is "false" or "0";
}
