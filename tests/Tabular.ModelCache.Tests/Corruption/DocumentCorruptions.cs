using System.Text;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>Corruptions that aim at the parsers, of the manifest and of its signature.</summary>
internal static partial class DocumentCorruptions
{
    private static readonly string[] HugeNumbers =
        ["1e999", "99999999999999999999", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.5", "2147483648", "0"];

    private static readonly string[] OtherTypes = ["{}", "[]", "[null]", "\"x\"", "true", "null", "0", "\"\\ud800\"", "{\"\\udfff\": 1}"];
    private static readonly byte[][] NotUtf8 = [[0xff], [0xc0, 0x80], [0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]];

    /// <summary>The manifest, changed without a key.</summary>
    public static IEnumerable<CorruptionKind> Manifest => All("`manifest.json`", (b, change) => b.WriteManifestAsync(change(b.Buckets.Main.Newest), b.AnyServed), _ => VersionFiles.Manifest);

    /// <summary>The signature of the newest manifest.</summary>
    public static IEnumerable<CorruptionKind> Signature => All("the signature", (b, change) => b.ChangeAsync(b.SignatureName, change), b => b.SignatureName);

    private static IEnumerable<CorruptionKind> All(
        string what, Func<BucketChanger, Func<byte[], byte[]>, Task<string[]>> change, Func<BucketChanger, string> nameOf)
    {
        CorruptionKind Of(string name, Func<BucketChanger, byte[], byte[]> edit) =>
            CorruptionKind.Of(name, CorruptionPlace.Store, b => change(b, bytes => edit(b, bytes)));

        yield return Of($"a bit of {what} flipped", (b, bytes) => b.FlipBit([.. bytes]));
        yield return Of($"{what} truncated", (b, bytes) => b.Truncate(bytes));
        yield return Of($"{what} grown", (b, bytes) => b.Grow(bytes));
        yield return Of($"{what} emptied", (_, _) => []);
        yield return Of($"{what} with a byte order mark", (_, bytes) => [0xef, 0xbb, 0xbf, .. bytes]);
        yield return Of($"{what} with bytes that are not UTF-8", InsertNotUtf8);
        yield return Of($"{what} with a member twice", (b, bytes) => Edit(b, bytes, Members(), m => $"{m.Value}, {m.Value}"));
        yield return Of($"{what} nested deeply", Nest);
        yield return Of($"{what} with huge and odd numbers", (b, bytes) => Edit(
            b, bytes, Numbers(), m => $"{m.Groups["name"].Value}: {b.Pick(HugeNumbers)}", $"\"more\": {b.Pick(HugeNumbers)}"));
        yield return Of($"{what} with values of other types", (b, bytes) => Edit(b, bytes, Members(), m => $"{m.Groups["name"].Value}: {b.Pick(OtherTypes)}"));
        yield return CorruptionKind.Of($"{what} with 64 MiB", CorruptionPlace.Store, async b =>
        {
            await b.CopyAsync(PublishedBuckets.Huge, nameOf(b));
            return [nameOf(b)];
        });
    }

    private static byte[] InsertNotUtf8(BucketChanger b, byte[] bytes)
    {
        var at = b.Random.Next(bytes.Length);
        return [.. bytes[..at], .. b.Pick(NotUtf8), .. bytes[at..]];
    }

    private static byte[] Nest(BucketChanger b, byte[] bytes)
    {
        var depth = b.Pick([40, 1000, 100_000]);
        var (open, close) = b.Random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
        var nested = string.Concat(Enumerable.Repeat(open, depth)) + "0" + string.Concat(Enumerable.Repeat(close, depth));
        return b.Random.Next(2) == 0
            ? Encoding.UTF8.GetBytes(nested)
            : Edit(b, bytes, Members(), m => $"\"more\": {nested}, {m.Value}");
    }

    /// <summary>Edits one of the matches, or adds a member where there is none.</summary>
    private static byte[] Edit(BucketChanger b, byte[] bytes, Regex regex, Func<Match, string> edit, string more = "\"more\": 1")
    {
        var text = Encoding.UTF8.GetString(bytes);
        var matches = regex.Matches(text);
        if (matches.Count == 0)
        {
            return Encoding.UTF8.GetBytes(text.Insert(text.IndexOf('{', StringComparison.Ordinal) + 1, more + ","));
        }

        var match = b.Pick(matches);
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, match.Index), edit(match), text.AsSpan(match.Index + match.Length)));
    }

    [GeneratedRegex("""(?<name>"\w+"): (-?\d+|"[^"]*"|null|true|false)""", RegexOptions.CultureInvariant)]
    private static partial Regex Members();

    [GeneratedRegex("""(?<name>"\w+"): "?-?\d+"?(?=,?\n)""", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
