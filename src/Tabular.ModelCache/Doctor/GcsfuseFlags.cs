using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Doctor;

/// <summary>The flags of gcsfuse, where they can be seen at all.</summary>
/// <remarks>
/// gcsfuse hands none of its own flags to the kernel, so mountinfo has them only where a mount helper wrote them there. Its command line
/// shows them where its process can be seen: on a virtual machine, in a container that mounts by itself; on Cloud Run it cannot.
/// </remarks>
internal sealed class GcsfuseFlags
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private GcsfuseFlags()
    {
    }

    /// <summary>Whether gcsfuse reads a file of settings besides, which was not looked at.</summary>
    public bool HasFile => Get("config-file") is not null;

    /// <returns><see langword="null"/> when nothing shows them.</returns>
    public static GcsfuseFlags? Find(MountEntry mount, IReadOnlyList<IReadOnlyList<string>> commandLines)
    {
        var flags = new GcsfuseFlags();
        foreach (var option in mount.SuperOptions.Split(','))
        {
            // mount.gcsfuse and fstab write underscores: metadata_cache_ttl_secs=60.
            flags.Add(option.Replace('_', '-'));
        }

        var ofKernel = flags._values.Keys.All(KernelOptions.Contains);
        var process = commandLines.FirstOrDefault(
            line => Path.GetFileName(line[0]) == "gcsfuse" && line.Count > 1 && Path.TrimEndingDirectorySeparator(line[^1]) == mount.MountPoint);
        for (var i = 1; i < (process?.Count ?? 0) - 1; i++)
        {
            if (process![i].StartsWith('-') && (process[i].Length < 2 || !char.IsAsciiDigit(process[i][1])))
            {
                var flag = process[i].TrimStart('-').Replace('_', '-');
                var next = process[i + 1];

                // "-1" is a value: metadata that is kept for ever.
                var isValue = !next.StartsWith('-') || (next.Length > 1 && char.IsAsciiDigit(next[1]));
                var takesNext = !flag.Contains('=', StringComparison.Ordinal) && isValue && i + 1 < process.Count - 1 && next != mount.Source;
                flags.Add(takesNext ? $"{flag}={next}" : flag);
            }
        }

        return process is null && ofKernel ? null : flags;
    }

    private static readonly HashSet<string> KernelOptions = new(StringComparer.Ordinal)
    {
        "", "ro", "rw", "user-id", "group-id", "default-permissions", "allow-other", "max-read", "blksize", "nosuid", "nodev", "noexec",
        "relatime", "noatime", "rootmode", "fd",
    };

    /// <summary>Gets the value of a flag; an empty string when it has none.</summary>
    public string? Get(string flag) => _values.GetValueOrDefault(flag);

    private void Add(string option)
    {
        var separator = option.IndexOf('=', StringComparison.Ordinal);
        _values[separator < 0 ? option : option[..separator]] = separator < 0 ? "" : option[(separator + 1)..];
    }
}
