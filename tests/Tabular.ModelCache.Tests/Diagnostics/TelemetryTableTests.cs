using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Diagnostics;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Diagnostics.Run;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics;

/// <summary><c>docs/telemetry.md</c> has what the code has, no more and no less.</summary>
public sealed partial class TelemetryTableTests
{
    private static readonly MethodInfo[] LogMethods =
    [
        .. typeof(IModelCache).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(m => m.GetCustomAttribute<LoggerMessageAttribute>() is not null),
    ];

    [Fact]
    public async Task Instruments_OfTheCode_AreThoseOfTheTable()
    {
        var run = new TelemetryRun();
        var seen = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == run)
            {
                seen.Add(instrument);
            }
        };
        listener.Start();
        await using (run.New(new InMemoryObjectStore(), new TestSource()))
        {
            run.Complete();
        }

        seen.Select(i => new { Name = i.Name, Type = i.GetType().Name.Split('`')[0], i.Unit, i.Description })
            .Should().BeEquivalentTo(MarkdownTable.Read(TelemetryTable.Page, "Instruments")
                .Select(r => new { Name = r["instrument"], Type = r["type"], Unit = r["unit"], Description = r["description"] }));
        seen.Should().OnlyContain(i => i.Meter.Name == "Tabular.ModelCache" && i.Meter.Version == ModelCacheMetrics.Version && i.Name.StartsWith("tabular.model_cache."));
        var text = await File.ReadAllTextAsync(Repository.PathOf(TelemetryTable.Page), TestContext.Current.CancellationToken);
        var buckets = Buckets().Match(text).Groups[1].Value.Split(',').Select(b => double.Parse(b, CultureInfo.InvariantCulture));
        seen.OfType<Histogram<double>>().Should().HaveCount(5).And.OnlyContain(h => h.Advice!.HistogramBucketBoundaries!.SequenceEqual(buckets));
    }

    [Fact]
    public void LogEvents_OfTheCode_AreThoseOfTheTable()
    {
        var events = LogMethods.Select(m => m.GetCustomAttribute<LoggerMessageAttribute>()!).ToList();

        events.Select(e => e.EventId).Should().OnlyHaveUniqueItems();
        events.Select(e => e.EventName).Should().OnlyHaveUniqueItems().And.NotContainNulls();
        events.Select(e => (e.EventId, Name: e.EventName!, e.Level, Template: e.Message))
            .Should().BeEquivalentTo(TelemetryTable.Events.Select(e => (EventId: e.Id, Name: e.Name!, e.Level, e.Template)));
    }

    [Fact]
    public void LogEvents_OfTheCode_TellTheUnitAndUseOneWordForOneThing()
    {
        // What a field is called is how it is found again.
        LogMethods.SelectMany(m => m.GetParameters()).Where(p => p.ParameterType == typeof(long) || p.ParameterType == typeof(TimeSpan))
            .Select(p => p.Name!).Should().OnlyContain(n => Unit().IsMatch(n));
        LogMethods.SelectMany(m => m.GetParameters()).Select(p => p.Name).Should().NotContain(["model", "error", "message", "path"]);
    }

    [Fact]
    public void Spans_OfTheCode_AreThoseOfTheTable() =>
        typeof(ModelCacheActivities).GetFields(BindingFlags.Static | BindingFlags.Public).Select(f => (string)f.GetValue(null)!)
            .Where(n => n.Contains(' ', StringComparison.Ordinal))
            .Should().BeEquivalentTo(MarkdownTable.Read(TelemetryTable.Page, "Spans").Select(r => r["span"]).Distinct());

    [GeneratedRegex(@"advise these buckets[^:]*: ([\d., \n]+[\d])\.\n")]
    private static partial Regex Buckets();

    [GeneratedRegex("(Ms|[bB]ytes|bytes\\w+|Seconds|secondsLeft|BytesPerSecond|epoch|sequence)$")]
    private static partial Regex Unit();
}
