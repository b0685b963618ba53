using System.Globalization;
using System.Text;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Verification;

public sealed class ChecksumLimitTests
{
    private static readonly string Digest = new('a', 64);

    [Theory]
    [InlineData(50_010, true)]
    [InlineData(50_011, false)]
    public void TryParse_ManyLines_AreReadUpToTheLimit(int count, bool isRead)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Digest}  f{i}\n");
        }

        var files = ChecksumFile.TryParse(Encoding.UTF8.GetBytes(text.ToString()), out var problem);

        (files?.Count, problem).Should().Be(isRead ? (count, null) : (null, "it has more than 50010 lines"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void TryParse_LongPath_IsReadUpToTheLimit(int more, bool isRead)
    {
        var path = string.Concat(Enumerable.Repeat(new string('p', 199) + "/", 6))[..(ObjectName.MaxBytes + more)];

        (ChecksumFile.TryParse(Encoding.UTF8.GetBytes($"{Digest}  {path}\n"), out _) is not null).Should().Be(isRead);
    }

    [Fact]
    public void TryParse_SecondLineIsNotUtf8_NamesIt()
    {
        ChecksumFile.TryParse([.. Encoding.UTF8.GetBytes($"{Digest}  a\n{Digest}  "), 0xFF, (byte)'\n'], out var problem).Should().BeNull();

        problem.Should().StartWith("line 2 ");
    }

    [Fact]
    public void Format_Markers_AreLeftOut() =>
        ChecksumFile.Format([("SHA256SUMS", Digest), ("a", Digest), (".done", Digest), ("model.sig", Digest)]).Should()
            .Equal(Encoding.UTF8.GetBytes($"{Digest}  a\n"));
}
