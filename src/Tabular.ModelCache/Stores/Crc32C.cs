using System.IO.Hashing;

namespace Tabular.ModelCache.Stores;

/// <summary>CRC32C (Castagnoli, RFC 3720), the checksum that Cloud Storage keeps of every object.</summary>
internal static class Crc32C
{
    /// <summary>Starts a checksum.</summary>
    /// <returns>A hash to append to.</returns>
    public static Crc32 Create() => new(Crc32ParameterSet.Crc32C);

    /// <summary>Computes the checksum of bytes that are all there.</summary>
    /// <param name="content">The bytes.</param>
    /// <returns>The checksum.</returns>
    public static uint Compute(ReadOnlySpan<byte> content) => Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, content);
}
