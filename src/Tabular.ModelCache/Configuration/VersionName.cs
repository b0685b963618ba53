using System.Globalization;

namespace Tabular.ModelCache.Configuration;

/// <summary>Names of versions: <c>model-yyyy-mm-dd-</c> and 12 hex digits of the SHA-256 of the checksum file.</summary>
internal static class VersionName
{
    private const int DigestDigits = 12;

    // Of the date: a digit where this has one.
    private const string Date = "-0000-00-00";

    public static string Create(string model, DateTimeOffset date, string checksums) =>
        string.Create(CultureInfo.InvariantCulture, $"{model}-{date.UtcDateTime:yyyy-MM-dd}-{checksums[..DigestDigits]}");

    /// <summary>Whether a version, with or without its digest, is one of a model.</summary>
    public static bool BelongsTo(string version, string model) =>
        version.StartsWith(model + "-", StringComparison.Ordinal) && IsSuffix(version.AsSpan(model.Length));

    /// <summary>Whether a complete name of a version belongs to a model.</summary>
    public static bool IsComplete(string version, string model) =>
        BelongsTo(version, model) && version.Length == model.Length + "-yyyy-mm-dd-".Length + DigestDigits;

    /// <summary>Whether a complete name carries this digest.</summary>
    public static bool HasChecksums(string version, string checksums) =>
        version.EndsWith("-" + checksums[..DigestDigits], StringComparison.Ordinal);

    /// <summary>Whether a wanted version, with or without its digest, means a complete one.</summary>
    public static bool Matches(string wanted, string version) =>
        wanted == version || (version.Length == wanted.Length + 1 + DigestDigits && version.StartsWith(wanted + "-", StringComparison.Ordinal));

    private static bool IsSuffix(ReadOnlySpan<char> text)
    {
        if (text.Length != Date.Length && (text.Length != Date.Length + 1 + DigestDigits || text[Date.Length] != '-'))
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var isRight = i < Date.Length ? (Date[i] == '0' ? char.IsAsciiDigit(text[i]) : text[i] == Date[i])
                : i == Date.Length || char.IsAsciiHexDigitLower(text[i]);
            if (!isRight)
            {
                return false;
            }
        }

        return true;
    }
}
