using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.Tests.Diagnostics.Run;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics;

/// <summary>Every row of <c>docs/telemetry.md</c> is produced by a run, and a run produces nothing else.</summary>
public sealed class TelemetryRunTests(TelemetryRunFixture fixture) : IClassFixture<TelemetryRunFixture>
{
    private readonly TelemetryRun _run = fixture.Run;

    [Fact]
    public void Events_OfTheRun_AreThoseOfTheTable() =>
        _run.Events.Select(e => $"{e}").Distinct().Should().BeEquivalentTo(TelemetryTable.Events.Select(e => $"{e}"));

    [Fact]
    public void Attributes_OfTheRun_AreThoseOfTheTable()
    {
        // Of a status, that which is so now; the others are 0.
        var measured = _run.Measurements.Where(m => m.Instrument != "tabular.model_cache.status" || m.Value == 1);

        ShouldMatch(
            TelemetryTable.ReadAttributes("Attributes", "instrument"),
            measured.SelectMany(m => m.Tags.Select(t => (m.Instrument, t.Key, Text(t.Value)))));
    }

    [Fact]
    public void Measurements_OfTheRun_HaveTheValuesThatTheTablePromises()
    {
        var values = _run.Measurements.ToLookup(m => m.Instrument);

        values["tabular.model_cache.requests"].Should().OnlyContain(m => m.Value == 1);
        values["tabular.model_cache.pulled"].Should().Contain(m => m.Value == "content".Length);
        values["tabular.model_cache.lease.losses"].Select(m => m.Value).Distinct().Should().BeEquivalentTo([0, 1]);
        values["tabular.model_cache.update_available"].Select(m => m.Value).Distinct().Should().BeEquivalentTo([0, 1]);
        values["tabular.model_cache.served"].Select(m => m.Value).Distinct().Should().BeEquivalentTo([0, 1]);
        values.Where(v => v.Key.EndsWith(".duration", StringComparison.Ordinal)).SelectMany(v => v).Should().OnlyContain(m => m.Value >= 0);
        values["tabular.model_cache.pull.duration"].Should().OnlyContain(
            m => m.Tags.ContainsKey("error.type") != m.Tags.ContainsKey("tabular.model_cache.action"));
        values.Select(v => v.Key).Should().BeEquivalentTo(MarkdownTable.Read(TelemetryTable.Page, "Instruments").Select(r => r["instrument"]));
    }

    [Fact]
    public void Spans_OfTheRun_AreThoseOfTheTable()
    {
        _run.Spans.Should().OnlyContain(s => s.Kind == ActivityKind.Internal && !s.Events.Any());
        _run.Spans.Should().OnlyContain(s => (s.GetTagItem("error.type") == null) == (s.Status == ActivityStatusCode.Unset));
        _run.Spans.Where(s => s.Status == ActivityStatusCode.Error).Should().OnlyContain(s => !string.IsNullOrEmpty(s.StatusDescription));
        ShouldMatch(
            TelemetryTable.ReadAttributes("Spans", "span"),
            _run.Spans.SelectMany(s => s.TagObjects.Select(t => (s.OperationName, t.Key, Text(t.Value)))));
    }

    /// <summary>A closed set has been seen as a whole and nothing beside it; of an open one there was something.</summary>
    private static void ShouldMatch(
        IReadOnlyDictionary<(string Owner, string Attribute), IReadOnlyList<string>> table, IEnumerable<(string Owner, string Attribute, string Value)> seen)
    {
        var values = seen.ToLookup(s => (s.Owner, s.Attribute), s => s.Value);
        values.Select(v => v.Key).Should().BeEquivalentTo(table.Keys);
        foreach (var (key, allowed) in table.Where(r => r.Value.Count > 0))
        {
            values[key].Distinct().Should().BeEquivalentTo(allowed, "of {0}", key);
        }
    }

    private static string Text(object? value) => value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
