using System.Buffers.Binary;

namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>CRC32C as Cloud Storage writes it: base64 of its four bytes, the most significant first.</summary>
internal static class StorageHash
{
    public const string Header = "X-Goog-Hash";

    public static string Format(uint crc32C)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, crc32C);
        return Convert.ToBase64String(bytes);
    }

    public static uint? Parse(string? text)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        return text is not null && Convert.TryFromBase64String(text, bytes, out var written) && written == bytes.Length
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : null;
    }

    /// <summary>Finds the CRC32C in the values of <see cref="Header"/>: <c>crc32c=AAAAAA==,md5=...</c>, in one value or in several.</summary>
    public static uint? ParseHeader(IEnumerable<string> values)
    {
        foreach (var part in values.SelectMany(v => v.Split(',')))
        {
            var trimmed = part.AsSpan().Trim();
            if (trimmed.StartsWith("crc32c=", StringComparison.OrdinalIgnoreCase))
            {
                return Parse(trimmed["crc32c=".Length..].ToString());
            }
        }

        return null;
    }
}
