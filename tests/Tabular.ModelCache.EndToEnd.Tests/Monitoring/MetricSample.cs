using System.Globalization;
using System.Text.RegularExpressions;

namespace Tabular.ModelCache.EndToEnd.Tests.Monitoring;

/// <summary>One line of the text format of Prometheus.</summary>
internal sealed partial record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public static IReadOnlyList<MetricSample> Parse(string text) =>
    [
        .. text.Split('\n').Where(l => l.Length > 0 && !l.StartsWith('#')).Select(l => Line().Match(l)).Select(m => m.Success
            ? new MetricSample(
                m.Groups[1].Value,
                Label().Matches(m.Groups[2].Value).ToDictionary(p => p.Groups[1].Value, p => p.Groups[2].Value, StringComparer.Ordinal),
                m.Groups[3].Value == "+Inf" ? double.PositiveInfinity : double.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The text of the metrics is no text of metrics: {text}")),
    ];

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)(?: \d+)?$")]
    private static partial Regex Line();

    [GeneratedRegex(@"([a-zA-Z_][a-zA-Z0-9_]*)=""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Label();
}
