using CsCheck;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Tests.Stores;

public sealed class Crc32CTests
{
    [Fact]
    public void Compute_CheckInput_HasThePublishedValue() => Crc32C.Compute("123456789"u8).Should().Be(0xE3069283);

    [Fact]
    public void Combine_AnyParts_EqualsThatOfTheWhole() =>
        Gen.Byte.Array[0, 300].Array[0, 8].Sample(parts =>
            Crc32C.Combine(parts.Select(p => (Crc32C.Compute(p), (long)p.Length))) == Crc32C.Compute([.. parts.SelectMany(p => p)]));
}
