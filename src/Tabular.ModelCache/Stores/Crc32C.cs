using System.IO.Hashing;

namespace Tabular.ModelCache.Stores;

/// <summary>CRC32C (Castagnoli, RFC 3720), the checksum that Cloud Storage keeps of every object.</summary>
internal static class Crc32C
{
    /// <summary>Starts a checksum.</summary>
    /// <returns>A hash to append to.</returns>
    public static Crc32 Create() => new(Crc32ParameterSet.Crc32C);

    // The polynomial of Castagnoli, bit-reversed: the coefficient of x^31 is the lowest bit.
    private const uint Polynomial = 0x82F63B78;

    /// <summary>Computes the checksum of parts joined in their order, from theirs alone.</summary>
    /// <param name="parts">The checksum and the length in bytes of each part.</param>
    /// <returns>The checksum of the whole.</returns>
    public static uint Combine(IEnumerable<(uint Crc32C, long Size)> parts) =>
        parts.Aggregate(0u, (whole, part) => Multiply(PowerOfX(part.Size), whole) ^ part.Crc32C);

    /// <summary>x to the power of 8 times a count of bytes, modulo the polynomial.</summary>
    private static uint PowerOfX(long bytes)
    {
        var power = 1u << 31;
        var square = 1u << 23;
        for (; bytes > 0; bytes >>= 1, square = Multiply(square, square))
        {
            power = (bytes & 1) == 0 ? power : Multiply(square, power);
        }

        return power;
    }

    private static uint Multiply(uint a, uint b)
    {
        var product = 0u;
        for (var bit = 1u << 31; bit != 0; bit >>= 1)
        {
            product ^= (a & bit) == 0 ? 0 : b;
            b = (b & 1) == 0 ? b >> 1 : (b >> 1) ^ Polynomial;
        }

        return product;
    }

    /// <summary>Computes the checksum of bytes that are all there.</summary>
    /// <param name="content">The bytes.</param>
    /// <returns>The checksum.</returns>
    public static uint Compute(ReadOnlySpan<byte> content) => Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, content);
}
