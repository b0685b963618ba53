using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Verification;

/// <summary>
/// <c>SHA256SUMS</c>: a line per file, 64 hex digits, two spaces and the path, ordered by the bytes of the path; the form that
/// <c>sha256sum -c</c> reads (GNU coreutils). Paths that would need its escapes are not allowed in a version.
/// </summary>
internal static class ChecksumFile
{
    /// <summary>100,000 files with paths of 256 bytes.</summary>
    public const int MaxBytes = 32 << 20;

    private const string Gap = "  ";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Format(IEnumerable<(string Path, string Sha256)> files)
    {
        var text = new StringBuilder();
        foreach (var (path, sha256) in files.Where(f => !VersionFiles.IsMarker(f.Path)).OrderBy(f => f.Path, Utf8NameComparer.Instance))
        {
            text.Append(sha256).Append(Gap).Append(path).Append('\n');
        }

        return Utf8.GetBytes(text.ToString());
    }

    /// <summary>Parses a checksum file.</summary>
    /// <param name="bytes">The content.</param>
    /// <param name="problem">What is wrong; <see langword="null"/> on success.</param>
    /// <returns>Path to SHA-256; <see langword="null"/> when the content is not valid.</returns>
    public static IReadOnlyDictionary<string, string>? TryParse(ReadOnlySpan<byte> bytes, out string? problem)
    {
        problem = null;
        string text;
        try
        {
            text = Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            problem = "it is not UTF-8";
            return null;
        }

        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            number++;
            var end = rest.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            var path = line.Length > Sha256Hex.Length + Gap.Length ? line[(Sha256Hex.Length + Gap.Length)..].ToString() : "";
            var sha256 = line.Length > Sha256Hex.Length ? line[..Sha256Hex.Length].ToString() : "";
            if (end < 0 || !Sha256Hex.IsValid(sha256) || !line[Sha256Hex.Length..].StartsWith(Gap) ||
                ObjectName.FindProblem(path) is not null || VersionFiles.IsMarker(path) || !files.TryAdd(path, sha256))
            {
                problem = $"line {number} is not '<64 hex digits>  <path>' with a path of its own";
                return null;
            }
        }

        return files;
    }
}
