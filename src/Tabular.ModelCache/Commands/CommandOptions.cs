using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Tabular.ModelCache.Commands;

/// <summary>Options that several commands have; each command gets its own.</summary>
internal static class CommandOptions
{
    public static Option<string?> OptionalModel(string which) => new("--model") { Description = $"Only this model; without it {which}." };

    public static Option<string> RequiredModel() => new("--model") { Description = "The model.", Required = true };

    public static Option<string> RequiredVersion() => new("--version")
    {
        Description = "A kept version, as status shows it; its digest may be left out where that is unambiguous.",
        Required = true,
    };

    public static Option<double?> Wait() => new("--wait")
    {
        Description = "How many seconds to wait for a lease that another process holds, before exit code 75; without it the setting Lease:CommandWait, 300.",
        CustomParser = ParseWait,
    };

    /// <summary>What <c>--wait</c> says; <see langword="null"/> leaves it to the setting.</summary>
    public static TimeSpan? PatienceOf(ParseResult parsed, Option<double?> wait) =>
        parsed.GetValue(wait) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static double? ParseWait(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0 and <= 86_400))
        {
            result.AddError($"--wait is '{text}'; allowed is a number of seconds from 0 to 86400.");
        }

        return seconds;
    }
}
