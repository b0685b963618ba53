namespace Tabular.ModelCache.Testing.Tests.Documents;

public sealed class DocumentedCodeTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("src/Tabular.ModelCache/README.md")]
    [InlineData("src/Tabular.ModelCache.Testing/README.md")]
    public void Code_OfADocument_IsThatOfACompiledFile(string document)
    {
        var compiled = DocumentedCode.Compiled();

        DocumentedCode.BlocksOf(document).Should().NotBeEmpty().And.OnlyContain(block => compiled.Contains(block));
    }
}
