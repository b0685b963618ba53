using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Startup;

/// <summary>An instance that follows updates, by a clock of its own, and those who publish beside it.</summary>
internal sealed class FollowingInstance : IAsyncDisposable
{
    public const string Model = TestCache.Model;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly (string Key, string Value)[] _settings;
    private readonly FakeTimeProvider _clock = new();
    private TestCache? _cache;

    public FollowingInstance(params (string Key, string Value)[] settings)
    {
        _settings = settings;
        Requests = new FaultInjectingObjectStore(Store);
        Mount = new StoreViewMount(Store);
    }

    public InMemoryObjectStore Store { get; } = new();

    /// <summary>Adds to the services of the instance and of those who publish.</summary>
    public Action<HostApplicationBuilder>? Configure { get; init; }

    /// <summary>What the instance asks of the store.</summary>
    public FaultInjectingObjectStore Requests { get; }

    public StoreViewMount Mount { get; }

    public TestSource Source { get; } = new(("blobs/a", "content"), ("manifests/m", "refers to it"));

    public ConcurrentQueue<ModelUpdatedEventArgs> Updates { get; } = new();

    public TestCache Instance => _cache ?? throw new InvalidOperationException("It was not started.");

    public IModelCache Cache => Instance.Cache;

    public ModelCacheStatus Status => Cache.Status;

    public ModelCacheStatusHolder Holder => Instance.Services.GetRequiredService<ModelCacheStatusHolder>();

    public CachedModel Served => Cache.TryGetModel(Model, out var model) ? model : throw new InvalidOperationException("The gate is closed.");

    /// <summary>Starts the instance; what follows is what it does besides.</summary>
    public async Task<CachedModel> StartAsync(bool follows = true, params (string Key, string Value)[] settings)
    {
        _cache = new TestCache(
            Requests,
            Source,
            b =>
            {
                b.Services.AddSingleton<TimeProvider>(_clock);
                b.Services.AddSingleton<IModelMount>(Mount);
                Configure?.Invoke(b);
            },
            [
                ("ModelCache:FollowUpdates", $"{follows}"),
                ("ModelCache:FallbackToPreviousVersion", "true"),

                // Virtual time may run ahead of the thread pool.
                ("ModelCache:StartupDeadline", "1.00:00:00"),
                .. _settings,
                .. settings,
            ]);
        await _cache.StartAsync();
        _cache.Cache.ModelUpdated += (sender, update) =>
        {
            sender.Should().BeSameAs(_cache.Cache);
            Updates.Enqueue(update);
        };
        var model = _cache.Cache.GetModelAsync(Model).AsTask();
        await PassAsync(() => model.IsCompleted, "an open gate");
        Requests.GetSnapshot(clear: true);
        return await model;
    }

    /// <summary>Lets time pass, as much as the instance takes, until something is so.</summary>
    public async Task PassAsync(Func<bool> isReached, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!isReached())
        {
            watch.Elapsed.Should().BeLessThan(Patience, "{0} is expected; the state is {1}: {2}", what, _cache!.Cache.Status.State, _cache.Cache.Status.Reason);
            _clock.Run(Step);
            await Task.Yield();
        }
    }

    /// <summary>Lets time pass, and the monitor look as often as it should meanwhile.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var end = _clock.GetUtcNow() + time;
        var probes = Mount.Probes + (int)(time / TimeSpan.FromSeconds(15));
        await PassAsync(() => _clock.GetUtcNow() >= end && Mount.Probes >= probes, $"{probes} looks");
    }

    /// <summary>Publishes another content of the model.</summary>
    public async Task<ManifestVersion> PublishAsync(string content, string model = Model, params (string Key, string Value)[] settings)
    {
        var source = new TestSource(("blobs/a", content), ("manifests/m", "refers to it"));
        await using var publisher = new TestCache(Store, source, Configure, [("ModelCache:Models:0:Name", model), .. settings]);
        await using var lease = await publisher.AcquireAsync(model);
        var result = await publisher.Services.GetRequiredService<ModelPublisher>()
            .PublishAsync(publisher.Wanted, PublishMode.Sync, lease, new TestCache.NoProgress(), CancellationToken.None);
        return result.Version;
    }

    /// <summary>Changes the entry of the model, as an operator does.</summary>
    public async Task FlipAsync(Func<ManifestEntry, ManifestEntry> change)
    {
        await using var operation = new TestCache(Store, Source);
        await using var lease = await operation.AcquireAsync();
        var snapshot = await operation.ReadManifestAsync();
        var entry = change(snapshot.Entry(Model)!) with { Attempt = lease.Attempt.ToString() };
        await operation.Services.GetRequiredService<ManifestFlipper>().FlipAsync(Model, snapshot, _ => entry, lease, CancellationToken.None);
    }

    public Task ActivateAsync(ManifestVersion version) => FlipAsync(e => e with { Active = version.Version });

    /// <summary>Cuts a file of a version short.</summary>
    /// <returns>What puts it back.</returns>
    public async Task<Func<Task>> DamageAsync(ManifestVersion version)
    {
        var name = $"{version.Path}/blobs/a";
        var bytes = (await Store.ReadAllAsync(name, int.MaxValue, CancellationToken.None))!.Bytes;
        await Store.WriteBytesAsync(name, bytes[..1], new ObjectWriteOptions(), CancellationToken.None);
        return () => Store.WriteBytesAsync(name, bytes, new ObjectWriteOptions(), CancellationToken.None);
    }

    public IReadOnlyList<string> Logged(LogLevel level, string text) =>
        [.. Instance.Log.GetSnapshot().Where(r => r.Level == level && r.Message.Contains(text, StringComparison.Ordinal)).Select(r => r.Message)];

    public async ValueTask DisposeAsync()
    {
        if (_cache is not null)
        {
            await _cache.DisposeAsync();
        }
    }
}
