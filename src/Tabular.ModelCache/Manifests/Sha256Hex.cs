using System.Security.Cryptography;

namespace Tabular.ModelCache.Manifests;

/// <summary>SHA-256 digests as text: 64 lower-case hex digits.</summary>
internal static class Sha256Hex
{
    public const int Length = 64;

    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static bool IsValid(string? text)
    {
        if (text is not { Length: Length })
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }
}
