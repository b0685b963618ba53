using System.Security.Cryptography;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>The digests of a file in regions do not depend on the pieces in which its bytes come.</summary>
public sealed class ContentDigestsTests
{
    private const int RegionSize = 3 << 20;
    private const int Size = (7 << 20) + 5;

    [Theory]
    [InlineData(700_001)]
    [InlineData(1 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData(Size)]
    public void Append_InPiecesOfAnySize_GivesTheDigestsOfTheWholeAndOfEachRegion(int piece)
    {
        var content = new byte[Size];
        new Random(1).NextBytes(content);
        using var digests = new ContentDigests(new Unread { Path = "file", Size = Size }, RegionSize);

        for (var offset = 0; offset < Size; offset += piece)
        {
            digests.Append(content.AsMemory(offset, Math.Min(piece, Size - offset)));
        }

        var found = digests.Finish();
        found.Sha256.Should().Be(Sha256Of(content));
        found.Regions!.Sha256.Should().Equal(content.Chunk(RegionSize).Select(Sha256Of));
    }

    private static string Sha256Of(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private sealed class Unread : SourceFile
    {
        public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
