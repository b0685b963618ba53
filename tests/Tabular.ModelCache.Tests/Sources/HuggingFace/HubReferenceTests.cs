using CsCheck;
using Tabular.ModelCache.Sources.HuggingFace;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

public sealed class HubReferenceTests
{
    private const string Commit = "5617a9f61b028005a4858fdac845db406aefb181";

    [Theory]
    [InlineData("BAAI/bge-m3", "BAAI/bge-m3", "main", "models--BAAI--bge-m3")]
    [InlineData("bert-base-uncased", "bert-base-uncased", "main", "models--bert-base-uncased")]
    [InlineData("a_b/c.d-e@v1.5", "a_b/c.d-e", "v1.5", "models--a_b--c.d-e")]
    [InlineData("org/name@refs/pr/130", "org/name", "refs/pr/130", "models--org--name")]
    [InlineData("org/name@feature/x", "org/name", "feature/x", "models--org--name")]
    [InlineData("org/name@5617A9F61B028005A4858FDAC845DB406AEFB181", "org/name", Commit, "models--org--name")]
    public void TryParse_Reference_IsRead(string text, string id, string revision, string folder)
    {
        HubReference.TryParse(text, out var reference, out _).Should().BeTrue();

        reference!.Id.Should().Be(id);
        reference.Revision.Should().Be(revision);
        reference.Folder.Should().Be(folder);
        reference.IsCommit.Should().Be(revision == Commit);
    }

    [Theory]
    [InlineData("")]
    [InlineData("org/")]
    [InlineData("/name")]
    [InlineData("datasets/org/name")]
    [InlineData("org/na me")]
    [InlineData("org/n\u00e4me")]
    [InlineData("org/..")]
    [InlineData("org/a..b")]
    [InlineData("org/a--b")]
    [InlineData("org/.name")]
    [InlineData("org/name-")]
    [InlineData("-org/name")]
    [InlineData("org/name.git")]
    [InlineData("org/name?x=y")]
    [InlineData("org/name@")]
    [InlineData("org/name@../../manifest.json")]
    [InlineData("org/name@a..b")]
    [InlineData("org/name@/a")]
    [InlineData("org/name@a/")]
    [InlineData("org/name@a//b")]
    [InlineData("org/name@a\\b")]
    [InlineData("org/name@a b")]
    [InlineData("org/name@a\nb")]
    [InlineData("org/name@HEAD^")]
    [InlineData("org/name@main@{1}")]
    public void TryParse_AnythingElse_SaysWhy(string text)
    {
        HubReference.TryParse(text, out _, out var problem).Should().BeFalse();

        problem.Should().NotBeNullOrEmpty();
    }

    [Theory]
    [InlineData(96, true)]
    [InlineData(97, false)]
    public void TryParse_LongName_IsRefusedBeyondTheLimit(int length, bool expected) =>
        HubReference.TryParse($"org/{new string('a', length)}", out _, out _).Should().Be(expected);

    [Fact]
    public void TryParse_AnyText_GivesPathsThatStayInTheFolderOfTheRepository() =>
        Gen.String[Gen.Char["ab0./-_@\\: \n{}\u00e9"], 0, 20].Sample(
            text =>
            {
                if (HubReference.TryParse(text, out var reference, out _))
                {
                    reference.Folder.Should().NotContain("/");
                    ObjectName.FindProblem($"{reference.Folder}/refs/{reference.Revision}").Should().BeNull();
                }
            },
            iter: 20_000);
}
