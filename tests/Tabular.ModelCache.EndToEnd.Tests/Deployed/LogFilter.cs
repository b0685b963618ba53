using System.Text.Json;
using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>
/// A filter of <c>infra/alerts.tf</c>, tried on a line as Cloud Logging would have it: the parts of its language that those filters use,
/// <c>FIELD=VALUE</c> and <c>FIELD=(VALUE OR VALUE)</c> joined with <c>AND</c>.
/// </summary>
internal sealed partial class LogFilter
{
    private const string Payload = "jsonPayload.";

    private readonly string[] _conditions;

    private LogFilter(string text) => _conditions = text.Split(" AND ");

    /// <summary>Reads a filter of the map <c>log_filters</c> by its name.</summary>
    public static LogFilter Read(string name)
    {
        var terraform = File.ReadAllText(Path.Join(SampleProgram.Sources, "infra", "alerts.tf"));
        var map = terraform[terraform.IndexOf("log_filters", StringComparison.Ordinal)..];
        var match = Regex.Match(map, $"""^\s*{name}\s*=\s*"(?<text>.*)"$""", RegexOptions.Multiline);
        match.Success.Should().BeTrue("alerts.tf has the filter {0}", name);
        return new LogFilter(match.Groups["text"].Value.Replace("\\\"", "\"", StringComparison.Ordinal));
    }

    public bool Matches(JsonElement line) => _conditions.All(c => Matches(line, c));

    private static bool Matches(JsonElement line, string condition)
    {
        var match = Condition().Match(condition);
        match.Success.Should().BeTrue("'{0}' is a condition that this test knows", condition);
        var field = match.Groups["field"].Value;

        // Severity is taken out of the payload by Cloud Logging.
        var name = field.StartsWith(Payload, StringComparison.Ordinal) ? field[Payload.Length..] : field;
        (name == "severity" || field != name).Should().BeTrue("'{0}' is a field that this test knows", field);
        return line.TryGetProperty(name, out var value)
            && match.Groups["value"].Captures.Any(wanted => wanted.Value == value.GetRawText());
    }

    [GeneratedRegex("""^(?<field>[a-zA-Z._]+)=(?:\((?<value>"[^"]*")(?: OR (?<value>"[^"]*"))*\)|(?<value>"[^"]*"|true|false))$""")]
    private static partial Regex Condition();
}
