using System.Text;
using CsCheck;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Verification;

public sealed class ChecksumFileTests
{
    private static readonly string Digest = new('a', 64);

    [Fact]
    public void Format_AnyPaths_AreReadBackAndOrderedByBytes()
    {
        var path = Gen.String[Gen.Char["abc/.-_ *é"], 1, 12].Where(p => ObjectName.FindProblem(p) is null && p is not ("SHA256SUMS" or ".done"));
        path.Array[1, 20].Sample(paths =>
        {
            var distinct = paths.Distinct().ToList();
            var bytes = ChecksumFile.Format(distinct.Select(p => (p, Digest)));

            var read = ChecksumFile.TryParse(bytes, out var problem);

            problem.Should().BeNull();
            read!.Keys.Should().BeEquivalentTo(distinct);
            var lines = Encoding.UTF8.GetString(bytes).TrimEnd('\n').Split('\n').Select(l => Encoding.UTF8.GetBytes(l[66..])).ToList();
            lines.Zip(lines.Skip(1)).All(p => p.First.AsSpan().SequenceCompareTo(p.Second) < 0).Should().BeTrue();
        });
    }

    [Theory]
    [InlineData("AAAA  x\n")]
    [InlineData("{0} x\n")]
    [InlineData("{0}  x")]
    [InlineData("{0}  \n")]
    [InlineData("{0}  ../x\n")]
    [InlineData("{0}  x\n{0}  x\n")]
    [InlineData("{0}  .done\n")]
    [InlineData("\n")]
    public void TryParse_AnythingElse_NamesTheLine(string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content.Replace("{0}", Digest, StringComparison.Ordinal));

        ChecksumFile.TryParse(bytes, out var problem).Should().BeNull();

        problem.Should().Contain("line ");
    }

    [Fact]
    public void Compare_CharactersBeyondTheFirstPlane_FollowsUtf8()
    {
        // UTF-16 puts U+1F600 (a surrogate, D83D) before U+FF5E; UTF-8 the other way round.
        Utf8NameComparer.Instance.Compare("\U0001F600", "\uFF5E").Should().BePositive();
        string.CompareOrdinal("\U0001F600", "\uFF5E").Should().BeNegative();
    }
}
