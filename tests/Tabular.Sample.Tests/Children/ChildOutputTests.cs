using Tabular.Children;

namespace Tabular.Sample.Tests.Children;

public sealed class ChildOutputTests
{
    [Theory]
    [InlineData("one\ntwo\r\n\nthree", new[] { "one", "two", "three" })]
    [InlineData("\u001b[31mred\u0007\ttab", new[] { " [31mred \ttab" })]
    [InlineData("", new string[0])]
    public async Task Read_Lines_GivesEachWithoutControlCharacters(string text, string[] lines) => (await ReadAsync(text)).Should().Equal(lines);

    [Fact]
    public async Task Read_LineWithoutAnEnd_IsCutAndTheNextIsWhole()
    {
        var lines = await ReadAsync(new string('x', ChildOutput.MaxLine) + "\n" + new string('y', 100_000) + "\nnext\n");

        lines.Should().Equal(new string('x', ChildOutput.MaxLine), new string('y', ChildOutput.MaxLine) + "…", "next");
    }

    private static async Task<List<string>> ReadAsync(string text)
    {
        var lines = new List<string>();
        await new ChildOutput(lines.Add).ReadAsync(new StringReader(text));
        return lines;
    }
}
