using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Diagnostics;

public sealed class TelemetryTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"));

    [Theory]
    [InlineData(false, "pulled")]
    [InlineData(true, "hit")]
    public async Task Start_MeterListener_SeesCacheHit(bool published, string outcome)
    {
        if (published)
        {
            await using var first = new TestCache(_store, _source);
            await first.PublishAsync();
        }

        await using var cache = new TestCache(_store, _source);
        var measurements = new List<(string Instrument, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener();
        var factory = cache.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            // Only the meter of this very cache: other tests have theirs at the same time.
            if (instrument.Meter.Name == ModelCacheDiagnostics.MeterName && instrument.Meter.Scope == factory)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Add(i, v, tags));
        listener.SetMeasurementEventCallback<double>((i, v, tags, _) => Add(i, v, tags));
        listener.Start();

        await cache.StartAndGetAsync();
        listener.RecordObservableInstruments();

        List<(string Instrument, double Value, Dictionary<string, object?> Tags)> seen;
        lock (measurements)
        {
            seen = [.. measurements];
        }

        var request = seen.Should().ContainSingle(m => m.Instrument == "tabular.model_cache.requests").Subject;
        request.Value.Should().Be(1);
        request.Tags.Should().Equal(new Dictionary<string, object?>
        {
            ["cache_hit"] = published,
            ["tabular.model_cache.model"] = "demo",
            ["tabular.model_cache.outcome"] = outcome,
        });
        seen.Should().Contain(m => m.Instrument == "tabular.model_cache.verify.duration");
        seen.Where(m => m.Instrument == "tabular.model_cache.status" && m.Value == 1).Should().ContainSingle()
            .Which.Tags["tabular.model_cache.state"].Should().Be("ready");
        seen.Where(m => m.Instrument == "tabular.model_cache.pulled").Sum(m => m.Value).Should().Be(published ? 0 : 7);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var copy = tags.ToArray().ToDictionary(t => t.Key, t => t.Value);
            lock (measurements)
            {
                measurements.Add((instrument.Name, value, copy));
            }
        }
    }

    [Fact]
    public async Task Start_OpenTelemetry_ExportsMetricsAndSpans()
    {
        var metrics = new List<MetricSnapshot>();
        var spans = new List<Activity>();
        await using var cache = new TestCache(_store, _source, builder => builder.Services
            .ConfigureOpenTelemetryMeterProvider((services, m) => m.AddView(OwnInstruments(services)))
            .AddOpenTelemetry()
            .WithMetrics(m => m.AddModelCacheInstrumentation().AddInMemoryExporter(metrics))
            .WithTracing(t => t.AddModelCacheInstrumentation().AddInMemoryExporter(spans)));

        await cache.StartAndGetAsync();
        await cache.StopAsync();
        cache.Services.GetRequiredService<MeterProvider>().ForceFlush();

        var requests = metrics.Should().ContainSingle(m => m.Name == "tabular.model_cache.requests").Subject;
        requests.Unit.Should().Be("{request}");
        requests.MeterName.Should().Be("Tabular.ModelCache");
        requests.MeterVersion.Should().NotBeNullOrEmpty();
        var tags = new Dictionary<string, object?>();
        foreach (var tag in requests.MetricPoints.Single().Tags)
        {
            tags[tag.Key] = tag.Value;
        }

        tags["cache_hit"].Should().Be(false);
        var duration = metrics.Single(m => m.Name == "tabular.model_cache.startup.duration");
        var bounds = new List<double>();
        foreach (var bucket in duration.MetricPoints.Single().GetHistogramBuckets())
        {
            bounds.Add(bucket.ExplicitBound);
        }

        bounds.Should().Contain([0.01, 600]).And.NotContain(10000);
        spans.ToList().Where(s => s.Source.Name == ModelCacheDiagnostics.ActivitySourceName).Select(s => s.OperationName)
            .Should().Contain(["start model_cache", "publish model", "verify model"]);
    }

    [Fact]
    public async Task Start_DeadlinePasses_IsAFailedStartInMetricsAndSpans()
    {
        _source.Opening = (_, token) => Task.Delay(Timeout.Infinite, token);
        var clock = new FakeTimeProvider();
        var spans = new List<Activity>();
        await using var cache = new TestCache(
            _store,
            _source,
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.AddOpenTelemetry().WithTracing(t => t.AddModelCacheInstrumentation().AddInMemoryExporter(spans));
            },
            ("ModelCache:StartupDeadline", "00:00:05"),
            ("ModelCache:FailureBehavior", "StayUnready"));
        using var durations = new MetricCollector<double>(
            cache.Services.GetRequiredService<IMeterFactory>(), ModelCacheDiagnostics.MeterName, "tabular.model_cache.startup.duration");
        await cache.StartAsync();
        await cache.WaitForAsync(s => s.State == ModelCacheState.Pulling && s.Reason!.StartsWith("pulling", StringComparison.Ordinal));

        clock.Run(TimeSpan.FromSeconds(5));
        await cache.WaitForAsync(s => s.State == ModelCacheState.Failed);

        var failed = durations.GetMeasurementSnapshot().Should().ContainSingle().Subject;
        failed.Value.Should().Be(5);
        failed.Tags["error.type"].Should().Be("Tabular.ModelCache.ModelCacheException");
        spans.ToList().Select(s => $"{s.OperationName}: {s.Status} {s.StatusDescription}").Should().Contain(
            s => s.StartsWith("start model_cache: Error The start did not finish within 00:00:05", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_Log_HasCacheHitInTextAndAsABooleanInTheState()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.StartAndGetAsync();

        var lines = cache.Log.GetSnapshot().Where(r => r.Message.Contains("cache_hit=", StringComparison.Ordinal)).ToList();

        lines.Should().HaveCountGreaterThanOrEqualTo(1);
        lines.Should().OnlyContain(r => r.Message.Contains("cache_hit=false outcome=pulled", StringComparison.Ordinal) && r.Level == LogLevel.Information);
        lines.Should().OnlyContain(r => r.StructuredState!.Any(s => s.Key == "cache_hit" && s.Value == "False"));
        lines.Select(r => r.Id.Name).Should().Contain("ModelPulled");
    }

    [Fact]
    public async Task HealthCheck_BeforeAndAfterReady_CarriesStateVersionCacheHitAndProgress()
    {
        var release = new TaskCompletionSource();
        _source.Set(("blobs/a", "one"), ("blobs/b", "two"));
        var opened = 0;
        _source.Opening = (path, token) => Interlocked.Increment(ref opened) == 2 ? release.Task.WaitAsync(token) : Task.CompletedTask;
        await using var cache = new TestCache(_store, _source);
        var health = cache.Services.GetRequiredService<HealthCheckService>();
        (await CheckAsync(health)).Status.Should().Be(HealthStatus.Unhealthy, "it starts red");
        await cache.StartAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var status in cache.Cache.WatchAsync(timeout.Token))
        {
            if (status is { State: ModelCacheState.Pulling, Progress: not null })
            {
                break;
            }
        }

        var pulling = await CheckAsync(health);
        release.SetResult();
        await cache.Cache.GetModelAsync("demo").AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        var ready = await CheckAsync(health);

        pulling.Status.Should().Be(HealthStatus.Unhealthy);
        pulling.Data["state"].Should().Be("pulling");
        pulling.Data["progress"].Should().BeAssignableTo<IReadOnlyDictionary<string, object>>().Which["total_bytes"].Should().Be(6L);
        ready.Status.Should().Be(HealthStatus.Healthy);
        ready.Data["cache_hit"].Should().Be(false);
        ready.Data["outcome"].Should().Be("pulled");
        pulling.Data["models"].Should().BeAssignableTo<IEnumerable<IReadOnlyDictionary<string, object>>>()
            .Which.Should().ContainSingle().Which.Should().Contain("model", "demo").And.Contain("state", "pulling").And.ContainKey("progress");
        ready.Data["version"].Should().BeAssignableTo<IReadOnlyDictionary<string, string>>().Which["demo"].Should().StartWith("demo-");
        ready.Tags.Should().Equal("ready");
    }

    [Fact]
    public async Task HealthCheck_HostStopping_IsUnhealthy()
    {
        await using var cache = new TestCache(_store, _source);
        await cache.StartAndGetAsync();
        var health = cache.Services.GetRequiredService<HealthCheckService>();

        cache.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        (await CheckAsync(health)).Status.Should().Be(HealthStatus.Unhealthy);
    }

    private static async Task<HealthReportEntry> CheckAsync(HealthCheckService health) =>
        (await health.CheckHealthAsync()).Entries["model_cache"];

    // OpenTelemetry listens to every meter of the process that has the name; other tests have theirs at the same time.
    private static Func<Instrument, MetricStreamConfiguration?> OwnInstruments(IServiceProvider services) =>
        instrument => instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>() ? null : MetricStreamConfiguration.Drop;
}
