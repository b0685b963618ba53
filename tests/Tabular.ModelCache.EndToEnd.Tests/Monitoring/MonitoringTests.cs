using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Monitoring;

/// <summary>The dashboard and the alert rules of the sample, against what its instances really export.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class MonitoringTests(MonitoredFleet fleet) : IClassFixture<MonitoredFleet>
{
    [Fact]
    public void Queries_EverySelector_FindsASeriesOfTheInstances()
    {
        var text = string.Join('\n', Dashboard.Queries.Select(q => q.Query)) + File.ReadAllText(Dashboard.AlertsPath);
        var selectors = MetricSelector.Find(text).DistinctBy(s => s.Text).ToList();

        selectors.Should().HaveCountGreaterThan(20);
        selectors.Should().AllSatisfy(s => fleet.Samples.Should().Contain(m => s.Matches(m), "of '{0}'", s.Text));

        // And nothing that the instances tell is left out.
        fleet.Samples.Select(s => FamilyOf(s.Name)).Where(n => n.StartsWith("tabular_", StringComparison.Ordinal)).Distinct()
            .Should().BeEquivalentTo(selectors.Select(s => FamilyOf(s.Name)).Distinct());
    }

    [Fact]
    public void Dashboard_File_IsOneThatGrafanaImports()
    {
        Dashboard.Json.GetProperty("schemaVersion").GetInt32().Should().BeGreaterThanOrEqualTo(41);
        var panels = Dashboard.Json.GetProperty("panels").EnumerateArray().ToList();
        panels.Select(p => p.GetProperty("id").GetInt32()).Should().OnlyHaveUniqueItems();
        panels.Where(p => p.GetProperty("type").GetString() != "row")
            .Should().AllSatisfy(p => p.GetProperty("datasource").GetProperty("uid").GetString().Should().Be("${datasource}"));
        var cells = panels.Select(p => p.GetProperty("gridPos")).SelectMany(Cells).ToList();
        cells.Should().OnlyHaveUniqueItems("no panel lies on another").And.OnlyContain(c => c.X < 24);
    }

    [Fact]
    public async Task DashboardQueries_InPrometheus_ReturnData()
    {
        var prometheus = Require();

        foreach (var (panel, query) in Dashboard.Queries)
        {
            var result = await prometheus.WaitForAsync(query, r => r.Count > 0 && r.All(v => double.IsFinite(v.Value)));
            TestContext.Current.TestOutputHelper?.WriteLine($"{panel}: {string.Join(", ", result.Select(r => r.Value))}");
        }
    }

    [Fact]
    public async Task AlertRules_InPrometheus_TellWhatHappenedAndNothingElse()
    {
        var prometheus = Require();

        foreach (var name in new[] { "ModelCacheStartFailed", "ModelCacheMountNotAnswering", "ModelCacheLeaseLost", "ModelCachePullFailed" })
        {
            await prometheus.WaitForAlertAsync(name);
        }

        var rules = (await prometheus.GetRulesAsync()).EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray()).ToList();
        rules.Should().AllSatisfy(r => r.GetProperty("health").GetString().Should().Be("ok", r.ToString()));
        rules.Where(r => r.GetProperty("state").GetString() != "inactive").Select(r => r.GetProperty("name").GetString())
            .Should().BeEquivalentTo("ModelCacheStartFailed", "ModelCacheMountNotAnswering", "ModelCacheLeaseLost", "ModelCachePullFailed");
    }

    [Fact]
    public async Task AlertRules_Promtool_AcceptsThemAndTheirTests()
    {
        Assert.SkipUnless(Tool.Exists("promtool"), "prometheus is not installed.");

        var check = await Tool.RunAsync("promtool", ["check", "rules", Dashboard.AlertsPath]);
        var test = await Tool.RunAsync("promtool", ["test", "rules", Dashboard.AlertTestsPath]);

        check.ExitCode.Should().Be(0, check.Output + check.Error);
        test.ExitCode.Should().Be(0, test.Output + test.Error);
        var tested = await File.ReadAllTextAsync(Dashboard.AlertTestsPath, TestContext.Current.CancellationToken);
        var names = File.ReadLines(Dashboard.AlertsPath).Select(l => l.Trim().Split("- alert: ")).Where(p => p.Length == 2).Select(p => p[1]);
        names.Should().HaveCount(10).And.AllSatisfy(n => tested.Should().Contain($"alertname: {n}\n        exp_alerts:\n          - "));
    }

    private PrometheusServer Require()
    {
        Assert.SkipWhen(fleet.Prometheus is null, "prometheus is not installed.");
        return fleet.Prometheus!;
    }

    private static string FamilyOf(string name) =>
        new[] { "_bucket", "_count", "_sum" }.FirstOrDefault(s => name.EndsWith(s, StringComparison.Ordinal)) is { } suffix ? name[..^suffix.Length] : name;

    private static IEnumerable<(int X, int Y)> Cells(JsonElement position)
    {
        var (x, y) = (position.GetProperty("x").GetInt32(), position.GetProperty("y").GetInt32());
        return from row in Enumerable.Range(y, position.GetProperty("h").GetInt32())
               from column in Enumerable.Range(x, position.GetProperty("w").GetInt32())
               select (column, row);
    }
}
