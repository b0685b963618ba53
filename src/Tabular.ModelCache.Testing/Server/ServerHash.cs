using System.Buffers.Binary;

namespace Tabular.ModelCache.Testing;

/// <summary>Checksums as the API writes them.</summary>
/// <remarks>Written anew rather than shared with the client: a mistake in one of them then shows against the other.</remarks>
internal static class ServerHash
{
    public static string Format(uint crc32C)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, crc32C);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Reads <c>crc32c=AAAAAA==,md5=...</c>.</summary>
    public static (string? Crc32C, string? Md5) ParseHeader(string? value)
    {
        string? crc = null;
        string? md5 = null;
        foreach (var part in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith("crc32c=", StringComparison.OrdinalIgnoreCase))
            {
                crc = part["crc32c=".Length..];
            }
            else if (part.StartsWith("md5=", StringComparison.OrdinalIgnoreCase))
            {
                md5 = part["md5=".Length..];
            }
        }

        return (crc, md5);
    }
}
