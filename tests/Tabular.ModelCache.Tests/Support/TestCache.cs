using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>One instance of an app with the model cache, over a store that several instances may share.</summary>
internal sealed class TestCache : IAsyncDisposable
{
    public const string Model = "demo";

    private readonly IHost _host;

    public TestCache(IObjectStore store, TestSource source, Action<HostApplicationBuilder>? configure = null, params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "test" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelCache:MountPath"] = "/models",
            ["ModelCache:Models:0:Name"] = Model,
            ["ModelCache:Models:0:Kind"] = ModelKinds.Ollama,
            ["ModelCache:Models:0:Source"] = "test://demo",
            ["ModelCache:Retention:GracePeriod"] = "00:00:00",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Services.AddSingleton<IExitCodeSink>(ExitCode);
        builder.Services.AddSingleton<IModelMount>(new ObjectStoreMount(store));
        builder.Services.AddFakeLogging();
        configure?.Invoke(builder);
        builder.Services.AddModelCache().UseObjectStore(_ => store).AddSource("test", _ => source);
        _host = builder.Build();
    }

    /// <summary>Configures a clock that shortens the second between two writes of the manifest.</summary>
    public static void UseFastClock(HostApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(new FastClock(50));

    public RecordingExitCode ExitCode { get; } = new();

    public IServiceProvider Services => _host.Services;

    public IModelCache Cache => Services.GetRequiredService<IModelCache>();

    public FakeLogCollector Log => Services.GetFakeLogCollector();

    public WantedModel Wanted => WantedModel.From(Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ModelCacheOptions>>().Value)[0];

    public Task StartAsync() => _host.StartAsync();

    public Task StopAsync() => _host.StopAsync();

    public IHost Host => _host;

    /// <summary>Starts the host and waits for the gate.</summary>
    public async Task<CachedModel> StartAndGetAsync()
    {
        await StartAsync();
        return await Cache.GetModelAsync(Model).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Waits until the status is as wanted.</summary>
    public async Task WaitForAsync(Func<ModelCacheStatus, bool> isWanted)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var status in Cache.WatchAsync(timeout.Token))
        {
            if (isWanted(status))
            {
                return;
            }
        }
    }

    public Task<ManifestSnapshot> ReadManifestAsync() => Services.GetRequiredService<ManifestReader>().ReadAsync(CancellationToken.None);

    public async Task<Lease> AcquireAsync(string model = Model)
    {
        var candidate = Services.GetRequiredService<LeaseManager>().CreateCandidate(model, isInCrowd: false);
        var lease = await candidate.TryAcquireAsync(0, CancellationToken.None);
        return lease ?? throw new InvalidOperationException($"The lease is held by {candidate.Holder}.");
    }

    /// <summary>Publishes once under a lease of its own.</summary>
    public async Task<PublishResult> PublishAsync(PublishMode mode = PublishMode.Sync, IPublishProgress? progress = null)
    {
        await using var lease = await AcquireAsync();
        return await Services.GetRequiredService<ModelPublisher>().PublishAsync(Wanted, mode, lease, progress ?? new NoProgress(), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    internal sealed class RecordingExitCode : IExitCodeSink
    {
        public int? Value { get; private set; }

        public void Set(int exitCode) => Value = exitCode;
    }

    internal sealed class NoProgress : IPublishProgress
    {
        public void Enter(ModelCacheState state, string reason)
        {
        }

        public void Pulled(long bytes)
        {
        }

        public void Report(long bytes, long total)
        {
        }
    }
}
