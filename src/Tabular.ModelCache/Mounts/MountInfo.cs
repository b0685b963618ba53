using System.Text;

namespace Tabular.ModelCache.Mounts;

/// <summary>Reads <c>/proc/self/mountinfo</c>; its format is that of proc_pid_mountinfo(5).</summary>
internal static class MountInfo
{
    /// <summary>Where Linux shows the mounts of this process.</summary>
    public const string DefaultPath = "/proc/self/mountinfo";

    /// <summary>How much text is looked at: a container has some dozens of mounts of about 150 bytes each.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    // A line has eleven fields and some tags.
    private const int MostFields = 32;
    private const int ShortestLine = 16;

    /// <summary>Reads the text that the kernel gives now.</summary>
    /// <returns>The text, or <see langword="null"/> on a system that has no such file.</returns>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public static string? Load()
    {
        try
        {
            using var file = new FileStream(DefaultPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            using var text = new MemoryStream();
            var buffer = new byte[32 * 1024];
            int read;
            while (text.Length < MaxBytes && (read = file.Read(buffer)) > 0)
            {
                text.Write(buffer.AsSpan(0, read));
            }

            return Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Parses the text; a line that does not have the form is left out.</summary>
    /// <param name="text">The content of the file.</param>
    /// <returns>The mounts in the order of the file, in which a later one covers an earlier one at the same place.</returns>
    public static IReadOnlyList<MountEntry> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var entries = new List<MountEntry>();
        foreach (var line in text.AsSpan(0, Math.Min(text.Length, MaxBytes)).EnumerateLines())
        {
            if (line.Length >= ShortestLine && ParseLine(line.ToString()) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>Finds the mount that a path lies on: the one with the longest mount point, and of several there the last.</summary>
    /// <param name="entries">The mounts.</param>
    /// <param name="path">An absolute path without symbolic links.</param>
    /// <returns>The mount, or <see langword="null"/> when none covers the path.</returns>
    public static MountEntry? Find(IReadOnlyList<MountEntry> entries, string path)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(path);
        MountEntry? best = null;
        foreach (var entry in entries)
        {
            if (Covers(entry.MountPoint, path) && (best is null || entry.MountPoint.Length >= best.MountPoint.Length))
            {
                best = entry;
            }
        }

        return best;
    }

    private static bool Covers(string mountPoint, string path) =>
        mountPoint == "/"
        || (path.StartsWith(mountPoint, StringComparison.Ordinal) && (path.Length == mountPoint.Length || path[mountPoint.Length] == '/'));

    // "36 35 98:0 /root /mount/point rw,noatime shared:1 master:2 - ext4 /dev/root rw": any number of tags before the "-".
    private static MountEntry? ParseLine(string line)
    {
        var fields = line.Split(' ', MostFields);
        var separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 0 || fields.Length < separator + 3)
        {
            return null;
        }

        var mountPoint = Unescape(fields[4]);
        return mountPoint.StartsWith('/')
            ? new MountEntry(
                mountPoint.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/",
                Unescape(fields[3]),
                Unescape(fields[separator + 1]),
                Unescape(fields[separator + 2]),
                Unescape(fields[5]),
                separator + 3 < fields.Length ? Unescape(fields[separator + 3]) : string.Empty,
                fields[2])
            : null;
    }

    // The kernel writes space, tab, newline and backslash as \040, \011, \012 and \134: one escape for each byte of UTF-8.
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var source = Encoding.UTF8.GetBytes(field);
        var bytes = new List<byte>(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '\\' && i + 3 < source.Length && IsOctal(source[i + 1], '3') && IsOctal(source[i + 2], '7') && IsOctal(source[i + 3], '7'))
            {
                bytes.Add((byte)(((source[i + 1] - '0') << 6) | ((source[i + 2] - '0') << 3) | (source[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(source[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool IsOctal(byte digit, char highest) => digit >= '0' && digit <= highest;
}
