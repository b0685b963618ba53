using CsCheck;
using Tabular.ModelCache.Sources.HuggingFace;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

public sealed class HubPatternTests
{
    /// <summary>What <c>fnmatch.fnmatchcase</c> of Python 3.11 answers.</summary>
    [Theory]
    [InlineData("*.json", "config.json", true)]
    [InlineData("*.json", "onnx/config.json", true)]
    [InlineData("*.json", "config.JSON", false)]
    [InlineData("*.json", "config.json.bak", false)]
    [InlineData("*.json", ".json", true)]
    [InlineData("onnx/*", "onnx/a/b", true)]
    [InlineData("onnx/*", "x/onnx/a", false)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("?", "/", true)]
    [InlineData("?", "", false)]
    [InlineData("?", "ab", false)]
    [InlineData("?", "\U0001F600", true)]
    [InlineData("a*b*c", "a/x/b/y/c", true)]
    [InlineData("a*b*c", "abcb", false)]
    [InlineData("**a", "ba", true)]
    [InlineData("[abc]x", "bx", true)]
    [InlineData("[abc]x", "dx", false)]
    [InlineData("[!abc]x", "dx", true)]
    [InlineData("[!abc]x", "ax", false)]
    [InlineData("[!abc]x", "x", false)]
    [InlineData("[0-9]_Pooling", "1_Pooling", true)]
    [InlineData("[a-cx]", "x", true)]
    [InlineData("[a-cx]", "-", false)]
    [InlineData("[-a]", "-", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[a-b-c]", "-", true)]
    [InlineData("[a-b-c]", "c", true)]
    [InlineData("[c-a]", "b", false)]
    [InlineData("[!c-a]", "b", true)]
    [InlineData("[c-ax]", "x", true)]
    [InlineData("[]]", "]", true)]
    [InlineData("[]a]", "a", true)]
    [InlineData("[!]]", "a", true)]
    [InlineData("[!]]", "]", false)]
    [InlineData("[", "[", true)]
    [InlineData("[]", "[]", true)]
    [InlineData("[!]", "[!]", true)]
    [InlineData("[!", "[!", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("[^a]", "^", true)]
    [InlineData("[^a]", "b", false)]
    [InlineData("[[]", "[", true)]
    [InlineData("[*]", "*", true)]
    [InlineData("[*]", "a", false)]
    [InlineData("[/]", "/", true)]
    [InlineData("[\\]", "\\", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("a+(b)|c", "a+(b)|c", true)]
    [InlineData("[&&]", "&", true)]
    [InlineData("{a,b}", "a", false)]
    public void IsMatch_FnmatchTable_AnswersAsPython(string pattern, string path, bool expected) =>
        new HubPattern(pattern).IsMatch(path).Should().Be(expected);

    [Theory]
    [InlineData("1_Pooling/", "1_Pooling/config.json", true)]
    [InlineData("1_Pooling/", "1_Pooling/a/b", true)]
    [InlineData("1_Pooling/", "1_Pooling", false)]
    [InlineData("1_Pooling", "1_Pooling/config.json", false)]
    public void IsMatch_SlashAtTheEnd_MeansTheWholeFolder(string pattern, string path, bool expected) =>
        new HubPattern(pattern).IsMatch(path).Should().Be(expected);

    [Fact]
    public void IsMatch_StarsAndCharacters_AgreesWithTheDefinition() =>
        Gen.Select(Gen.String[Gen.Char["ab*?"], 0, 8], Gen.String[Gen.Char["ab"], 0, 8]).Sample(
            (pattern, path) => new HubPattern(pattern).IsMatch(path).Should().Be(Matches(pattern, path)),
            iter: 20_000);

    [Fact]
    public void IsMatch_ManyStarsThatNearlyMatch_TakesNoExponentialTime()
    {
        var pattern = new HubPattern(string.Concat(Enumerable.Repeat("*a", 100)) + "b");

        // With backtracking over all stars this takes longer than the universe has.
        pattern.IsMatch(new string('a', 1000)).Should().BeFalse();
    }

    [Fact]
    public void DigestSuffix_SameChoiceWrittenOtherwise_IsTheSame()
    {
        var one = new HubPatterns(["*.json", "1_Pooling/"], ["onnx/*"]).DigestSuffix;

        one.Should().MatchRegex("^;files=[0-9a-f]{12}$");
        new HubPatterns(["1_Pooling/*", "*.json", "*.json"], ["onnx/"]).DigestSuffix.Should().Be(one);
        new HubPatterns(["onnx/*"], ["*.json", "1_Pooling/"]).DigestSuffix.Should().NotBe(one);
        new HubPatterns([], []).DigestSuffix.Should().BeEmpty();
    }

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path) => pattern switch
    {
        [] => path.IsEmpty,
        ['*', .. var rest] => Matches(rest, path) || (!path.IsEmpty && Matches(pattern, path[1..])),
        [var c, .. var rest] => !path.IsEmpty && (c == '?' || c == path[0]) && Matches(rest, path[1..]),
    };
}
