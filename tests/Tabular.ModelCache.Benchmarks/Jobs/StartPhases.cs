using System.Globalization;
using System.Text.RegularExpressions;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Recordings;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>Where the time of a start goes, by the state changes that the app logs and by what the runtime counts.</summary>
internal static partial class StartPhases
{
    private const string TimestampFormat = "HH:mm:ss.ffffff";

    /// <summary>Makes the app log when its states change.</summary>
    public static Command WithTimes(Command command) => command with
    {
        Environment = new Dictionary<string, string>(command.Environment)
        {
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__UseUtcTimestamp"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = TimestampFormat + " ",
        },
    };

    /// <summary>Describes a start of the app and one without the library.</summary>
    public static string Describe(DateTime started, IEnumerable<OutputLine> lines, DateTime answered, Recording ours, Recording theirs)
    {
        var changes = lines.Select(line => StateChange().Match(line.Text)).Where(match => match.Success)
            .ToDictionary(match => match.Groups["state"].Value, match => At(started, match.Groups["at"].Value));
        if (!changes.TryGetValue("CheckingMount", out var checking) || !changes.TryGetValue("ReadingManifest", out var reading) ||
            !changes.TryGetValue("Verifying", out var verifying) || !changes.TryGetValue("Ready", out var ready))
        {
            throw new BenchmarkException($"A start should log the states up to Ready, but logged {string.Join(", ", changes.Keys)}.");
        }

        var requests = ours.Named("System.Net.Http.HttpRequestOut");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"to the first look {Milliseconds(checking - started)}, mount and manifest side by side {Milliseconds(verifying - checking)} (mount {Milliseconds(reading - checking)}), " +
            $"verify {Milliseconds(ready - verifying)}, to the answer {Milliseconds(answered - ready)}; {requests.Count} requests of {requests.Sum(r => r.Seconds) * 1000:0} ms together, " +
            $"no token; JIT {ours.Total.JitSeconds * 1000:0} ms for {ours.Total.JitMethods} methods : {theirs.Total.JitSeconds * 1000:0} ms for {theirs.Total.JitMethods}");
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");

    private static DateTime At(DateTime started, string time)
    {
        var at = started.Date + TimeOnly.ParseExact(time, TimestampFormat, CultureInfo.InvariantCulture).ToTimeSpan();
        return at < started.AddMinutes(-1) ? at.AddDays(1) : at;
    }

    [GeneratedRegex(@"^(?<at>[0-9:.]+) info: .*Model cache: [A-Za-z]+ -> (?<state>[A-Za-z]+)\.", RegexOptions.CultureInvariant)]
    private static partial Regex StateChange();
}
