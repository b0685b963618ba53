using System.Globalization;

namespace Tabular.ModelCache.Commands.Text;

/// <summary>Numbers and foreign text as people read them on a terminal.</summary>
internal static class TextFormat
{
    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => Invariant($"{bytes} B"),
        < 1 << 20 => Invariant($"{bytes / 1024.0:0.0} KiB"),
        < 1 << 30 => Invariant($"{bytes / 1048576.0:0.0} MiB"),
        _ => Invariant($"{bytes / 1073741824.0:0.00} GiB"),
    };

    public static string Age(double seconds)
    {
        var age = TimeSpan.FromSeconds(seconds);
        return age.TotalMinutes < 1 ? Invariant($"{age.TotalSeconds:0} s") :
            age.TotalHours < 1 ? Invariant($"{age.TotalMinutes:0} min") :
            age.TotalDays < 2 ? Invariant($"{age.TotalHours:0} h") : Invariant($"{age.TotalDays:0} d");
    }

    /// <summary>Text that comes from the bucket or from an operator: no character of it moves the cursor of a terminal.</summary>
    public static string Printable(string? text) => string.Concat((text ?? "").Select(c => char.IsControl(c) ? '?' : c));
}
