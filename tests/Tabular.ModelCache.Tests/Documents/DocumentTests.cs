namespace Tabular.ModelCache.Tests.Documents;

public sealed class DocumentTests
{
    [Fact]
    public void Links_OfAllDocuments_LeadSomewhere() =>
        Document.All.SelectMany(DocumentRules.FindBrokenLinks).Should().BeEmpty();

    [Fact]
    public void Commands_OfAllDocuments_AreRunByATestOrSayWhyNot() =>
        Document.All.SelectMany(DocumentRules.FindUnmarkedCommands).Should().BeEmpty();

    [Fact]
    public void Code_OfAllDocuments_IsThatOfCompiledFiles() =>
        Document.All.SelectMany(DocumentRules.FindUncompiledCode).Should().BeEmpty();

    [Fact]
    public void Data_OfAllDocuments_CanBeRead() =>
        Document.All.SelectMany(DocumentRules.FindUnreadableData).Should().BeEmpty();

    [Fact]
    public void Documents_AreFound() =>
        Document.All.Select(document => document.Name).Should().Contain(["README.md", "docs/operations.md", "src/Tabular.ModelCache/README.md"]);

    [Theory]
    [InlineData("[a](docs/no-such-file.md)", "leads to no file")]
    [InlineData("[a](docs/operations.md#no-such-heading)", "leads to no heading")]
    [InlineData("# One heading\n[a](#another-heading)", "leads to no heading")]
    [InlineData("![a](../outside.png)", "leads out of the repository")]
    [InlineData("[a](https://)", "is no address")]
    [InlineData("[a][b]\n\n[b]: no-such-file.md", "leads to no file")]
    [InlineData("```bash\nls\n```", "has no marker")]
    [InlineData("<!-- not run: -->\n```bash\nls\n```", "has no marker")]
    [InlineData("<!-- not run: a reason -->\ntext\n```bash\nls\n```", "has no marker")]
    [InlineData("<!-- run by: DocumentTests.NoSuchMethod -->\n```console\n$ ls\n```", "neither a test nor a file")]
    [InlineData("```\n$ ls\n```", "name the language")]
    [InlineData("text\n\n    dotnet run", "name the language")]
    [InlineData("```csharp\nSomeCode();\n```", "in no <snippet>")]
    [InlineData("```json\n{ \"a\": 1, }\n```", "trailing comma")]
    [InlineData("```yaml\na: [1\n```", "flow")]
    public void Rules_DocumentThatBreaksOne_NameIt(string text, string expected) =>
        Find(text).Should().ContainSingle().Which.Should().MatchRegex("^README.md:[0-9]+: ").And.Contain(expected);

    [Theory]
    [InlineData("# What is `model-cache`, really?\n[a](#what-is-model-cache-really) [b](docs/operations.md#every-night-sync) [c](https://example.com/a#b) [d](src/)")]
    [InlineData("<!-- not run: a reason -->\n```bash\nls\n```\n\n<!-- run by: DocumentTests.Documents_AreFound -->\n```bash\nls\n```\n\n<!-- run by: .ci/run -->\n```bash\nls\n```")]
    [InlineData("<!-- not compiled: a reason -->\n```csharp\nSomeCode();\n```\n\n```csharp\nbuilder.Services.AddSingleton(StorageClient.Create());\nbuilder.Services.AddModelCache().UseStorageClient(services => services.GetRequiredService<StorageClient>());\n```")]
    [InlineData("```json\n{ \"a\": 1 }\n```\n\n```yaml\na: [1]\n```\n\n```\nany text\n```")]
    public void Rules_DocumentThatKeepsThem_FindNothing(string text) => Find(text).Should().BeEmpty();

    private static IEnumerable<string> Find(string text)
    {
        var document = new Document(Repository.PathOf("README.md"), text);
        return
        [
            .. DocumentRules.FindBrokenLinks(document), .. DocumentRules.FindUnmarkedCommands(document),
            .. DocumentRules.FindUncompiledCode(document), .. DocumentRules.FindUnreadableData(document),
        ];
    }
}
