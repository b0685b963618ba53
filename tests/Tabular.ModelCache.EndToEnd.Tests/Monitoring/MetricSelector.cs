using System.Text.RegularExpressions;

namespace Tabular.ModelCache.EndToEnd.Tests.Monitoring;

/// <summary>What a query asks of one metric: its name and its matchers of labels.</summary>
internal sealed partial record MetricSelector(string Text, string Name, IReadOnlyList<(string Label, string Operator, string Value)> Matchers)
{
    /// <summary>Finds the selectors of this product's metrics in an expression, or in a whole file of them.</summary>
    public static IEnumerable<MetricSelector> Find(string text) => Selector().Matches(text).Select(m => new MetricSelector(
        m.Value,
        m.Groups[1].Value,
        [.. Matcher().Matches(m.Groups[2].Value).Select(p => (p.Groups[1].Value, p.Groups[2].Value, p.Groups[3].Value))]));

    /// <summary>Whether a sample is one of those that are asked for.</summary>
    public bool Matches(MetricSample sample) => sample.Name == Name && Matchers.All(m =>
    {
        var value = sample.Labels.GetValueOrDefault(m.Label, "");
        var isEqual = m.Operator.EndsWith('~') ? Regex.IsMatch(value, $"^(?:{m.Value})$") : value == m.Value;
        return isEqual != m.Operator.StartsWith('!');
    });

    [GeneratedRegex(@"\b(tabular_model_cache_[a-z_]+(?:_total|_bucket|_count|_sum)|tabular_model_cache_(?:status|served|update_available))\b(\{[^}]*\})?")]
    private static partial Regex Selector();

    [GeneratedRegex(@"([a-z_]+)\s*(=~|!~|!=|=)\s*""([^""]*)""")]
    private static partial Regex Matcher();
}
