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
    /// <summary>50,000 files with paths of 256 bytes.</summary>
    public const int MaxBytes = 16 << 20;

    private const int MostFiles = 50_010;

    private const string Gap = "  ";
    private static readonly int LongestLine = Sha256Hex.Length + Gap.Length + ObjectName.MaxBytes;
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
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var number = 1; !bytes.IsEmpty; number++)
        {
            // Line by line: the whole as one string would be twice its size.
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0 || end > LongestLine || number > MostFiles || ReadLine(bytes[..end]) is not var (path, sha256) || !files.TryAdd(path, sha256))
            {
                problem = number > MostFiles
                    ? $"it has more than {MostFiles} lines"
                    : $"line {number} is not '<64 hex digits>  <path>' with a path of its own, in UTF-8";
                return null;
            }

            bytes = bytes[(end + 1)..];
        }

        return files;
    }

    private static (string Path, string Sha256)? ReadLine(ReadOnlySpan<byte> bytes)
    {
        string line;
        try
        {
            line = Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        if (line.Length <= Sha256Hex.Length + Gap.Length || !line.AsSpan(Sha256Hex.Length).StartsWith(Gap))
        {
            return null;
        }

        var (sha256, path) = (line[..Sha256Hex.Length], line[(Sha256Hex.Length + Gap.Length)..]);
        return Sha256Hex.IsValid(sha256) && ObjectName.FindProblem(path) is null && !VersionFiles.IsMarker(path) ? (path, sha256) : null;
    }
}
