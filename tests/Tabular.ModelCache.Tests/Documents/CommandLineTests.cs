using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Commands;

namespace Tabular.ModelCache.Tests.Documents;

/// <summary>The command lines <c>model-cache ...</c> that documents show are understood.</summary>
public sealed partial class CommandLineTests
{
    [Fact]
    public void CommandLines_OfAllDocuments_AreUnderstood()
    {
        var lines = Document.All
            .SelectMany(document => document.Blocks.SelectMany(block => CommandLine().Matches(block.Text).Select(match => (document.Name, match.Groups["arguments"].Value))))
            .ToList();

        lines.Should().HaveCountGreaterThan(20);
        lines.SelectMany(line => Parse(line.Value).Select(error => $"{line.Name}: model-cache {line.Value}: {error}")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("sink")]
    [InlineData("rollback --modell llm")]
    [InlineData("activate --model llm")]
    public void Parse_LineThatIsWrong_HasErrors(string arguments) => Parse(arguments).Should().NotBeEmpty();

    private static IEnumerable<string> Parse(string arguments)
    {
        var command = new ModelCacheCommand(NotCalled<IModelCacheOperations>, NotCalled<Tabular.ModelCache.Doctor.ModelCacheDoctor>, TextWriter.Null, TextWriter.Null, TimeProvider.System);
        return command.Create().Parse([.. CommandLineParser.SplitCommandLine(arguments)]).Errors.Select(error => error.Message);
    }

    private static T NotCalled<T>() => throw new InvalidOperationException("Nothing is run.");

    // In a shell, behind a prompt or a program; up to a comment or what else ends a command.
    [GeneratedRegex(@"(^\$ |\.dll )model-cache (?<arguments>[^#)|;&\n]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex CommandLine();
}
