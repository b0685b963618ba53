using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Doctor;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Requirements;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Commands;

public sealed class ModelCacheHostExtensionsTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"));

    [Fact]
    public async Task TryRun_NoCommand_LeavesTheHostAlone()
    {
        await using var cache = new TestCache(_store, _source);

        (await cache.Host.TryRunModelCacheCommandAsync([])).Should().BeNull();
        (await cache.Host.TryRunModelCacheCommandAsync(["--urls", "x"])).Should().BeNull();

        (await cache.StartAndGetAsync()).Should().NotBeNull();
    }

    [Theory]
    [InlineData("", LogLevel.None)]
    [InlineData("model-cache status --json", LogLevel.Trace)]
    [InlineData("model-cache env", LogLevel.Trace)]
    public async Task TryRun_AppWithConsoleLog_KeepsStandardOutputForTheResultOfACommand(string line, LogLevel expected)
    {
        var cache = new TestCache(_store, _source, builder => builder.Logging.AddConsole());
        var console = cache.Services.GetRequiredService<IOptionsMonitor<ConsoleLoggerOptions>>();

        await cache.Host.TryRunModelCacheCommandAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        console.CurrentValue.LogToStandardErrorThreshold.Should().Be(expected);
    }

    [Theory]
    [InlineData("MODEL_SYNC_MODE", "1")]
    [InlineData("MODEL_SYNC_MODE", "true")]
    public async Task TryRun_SyncMode_PublishesWithoutStartingTheHost(string variable, string value)
    {
        var cache = new TestCache(_store, _source, null, (variable, value));
        var lifetime = cache.Services.GetRequiredService<IHostApplicationLifetime>();

        (await cache.Host.TryRunModelCacheCommandAsync([])).Should().Be(0);

        lifetime.ApplicationStarted.IsCancellationRequested.Should().BeFalse();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task TryRun_WrongSettings_Returns70()
    {
        var cache = new TestCache(_store, _source, null, ("ModelCache:StartupDeadline", "-00:00:01"));

        (await cache.Host.TryRunModelCacheCommandAsync([])).Should().Be(70);
    }

    [Fact]
    public async Task TryRun_DoctorWithWrongSettings_TellsThemAsFindings()
    {
        ModelCacheDoctor? doctor = null;
        var cache = new TestCache(
            _store,
            _source,
            builder => builder.Services.AddSingleton(sp => doctor = new ModelCacheDoctor(
                sp.GetRequiredService<IOptions<ModelCacheOptions>>(), _ => null!, sp.GetRequiredService<ModelCacheClock>())),
            ("ModelCache:StartupDeadline", "-00:00:01"));

        (await cache.Host.TryRunModelCacheCommandAsync(["model-cache", "doctor", "--json"])).Should().Be(70);

        doctor.Should().NotBeNull("otherwise the settings were refused before it ran");
    }

    [Fact]
    public async Task TryRun_AuditWithWrongSettings_Audits()
    {
        var cache = new TestCache(_store, _source, null, ("ModelCache:StartupDeadline", "-00:00:01"));
        using var folder = new RequirementsFolder();
        folder.Write("requirements.txt", "torch==2.4.0+cpu\n");

        (await cache.Host.TryRunModelCacheCommandAsync(["model-cache", "audit-requirements", folder.PathOf("requirements.txt")])).Should().Be(0);
    }

    [Fact]
    public async Task TryRun_SyncModeNeitherOnNorOff_Returns70()
    {
        var cache = new TestCache(_store, _source, null, ("MODEL_SYNC_MODE", "perhaps"));

        (await cache.Host.TryRunModelCacheCommandAsync([])).Should().Be(70);
        (await _store.ReadAllAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task TryRun_Command_FlushesTelemetryBeforeItReturns()
    {
        var metrics = new List<MetricSnapshot>();
        var spans = new List<System.Diagnostics.Activity>();
        var cache = new TestCache(_store, _source, builder => builder.Services.AddOpenTelemetry()
            .WithMetrics(m => m.AddModelCacheInstrumentation().AddInMemoryExporter(metrics))
            .WithTracing(t => t.AddModelCacheInstrumentation().AddInMemoryExporter(spans)));

        (await cache.Host.TryRunModelCacheCommandAsync(["model-cache", "sync"])).Should().Be(0);

        metrics.Select(m => m.Name).Should().Contain(["tabular.model_cache.pulled", "tabular.model_cache.pull.duration"]);
        spans.ToList().Should().Contain(s => s.OperationName == "publish model");
    }

    [Fact]
    public async Task TryRun_NotRegistered_SaysWhatToCall()
    {
        using var host = Host.CreateEmptyApplicationBuilder(null).Build();

        var run = () => host.TryRunModelCacheCommandAsync([]);

        (await run.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*AddModelCache()*");
    }
}
