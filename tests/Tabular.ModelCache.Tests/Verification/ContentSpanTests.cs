using CsCheck;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Verification;

public sealed class ContentSpanTests
{
    private const int RegionSize = 1 << 20;

    [Fact]
    public void Divide_AnyFiles_CoversEachRegionOnceAndInOrder() =>
        Gen.Select(Gen.Int[0, 100].Array[0, 12], Gen.Int[1, 16]).Sample((counts, readers) =>
        {
            var files = counts.Select((count, i) => File($"f{i}", count)).ToList();

            var spans = ContentSpan.Divide(files, readers).ToList();

            spans.Where(s => s.Count is < 1 or > 8).Should().BeEmpty();
            spans.Select(s => s.File.Size).Should().BeInDescendingOrder();
            foreach (var file in files)
            {
                var own = spans.Where(s => s.File == file).ToList();
                own.SelectMany(s => Enumerable.Range(s.First, s.Count)).Should().Equal(Enumerable.Range(0, Math.Max(1, file.Regions?.Sha256.Count ?? 1)));
            }
        });

    [Theory]
    [InlineData(64, 2, 8)]
    [InlineData(800, 2, 8)]
    [InlineData(16, 2, 2)]
    [InlineData(7, 2, 1)]
    [InlineData(47, 4, 2)]
    public void Divide_OneFile_GivesEachReaderFourSpansOfAtMostEightRegions(int regions, int readers, int expected) =>
        ContentSpan.Divide([File("f", regions)], readers).First().Count.Should().Be(expected);

    [Fact]
    public void Region_OfAFileWithRegions_HasItsOffsetAndTheLastOneTheRest()
    {
        var file = File("f", 3) with { Size = (2 * RegionSize) + 5 };
        var span = new ContentSpan(file, 0, 3);

        Enumerable.Range(0, 3).Select(i => (span.Offset(i), span.Region(i).Length, span.Region(i).Sha256)).Should().Equal(
            (0L, (long)RegionSize, "r0"), (RegionSize, RegionSize, "r1"), (2L * RegionSize, 5L, "r2"));
    }

    [Fact]
    public void Region_OfAFileWithout_IsTheWholeFile()
    {
        var span = ContentSpan.Divide([new ManifestFile { Path = "f", Size = 9, Sha256 = "whole" }], 4).Should().ContainSingle().Subject;

        span.Region(0).Should().Be((9L, "whole"));
        span.Offset(0).Should().Be(0);
    }

    /// <summary>A file of some whole regions; none is a file without regions.</summary>
    private static ManifestFile File(string path, int regions) => new()
    {
        Path = path,
        Size = (long)regions * RegionSize,
        Sha256 = "whole",
        Regions = regions == 0 ? null : new FileRegions { Size = RegionSize, Sha256 = [.. Enumerable.Range(0, regions).Select(i => $"r{i}")] },
    };
}
