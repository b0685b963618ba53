using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>
/// A run of which one request fails, and the sync after it, which must converge. The run is a start on an empty bucket, or, where there is
/// a previous version, a sync that replaces and prunes it.
/// </summary>
internal sealed class FaultyPublish(
    CloudStorageServer server, FastClock clock, string bucket, TestSource? previous, TestSource source, RequestPoint? point, CloudStorageFault? fault)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly Lock _gate = new();
    private readonly List<string> _seen = [];
    private readonly List<string> _broken = [];
    private bool _isPrepared = previous is null;

    public bool HasFired { get; private set; }

    /// <summary>The requests of the first run, by what they are.</summary>
    public IReadOnlyList<string> SeenInFirstRun { get; private set; } = [];

    private IObjectStore Store => server.GetStore(bucket);

    /// <summary>What happens to a request.</summary>
    public CloudStorageFault? FaultOf(CloudStorageRequest request)
    {
        var what = RequestPoint.Describe(request);
        lock (_gate)
        {
            if (!_isPrepared)
            {
                return null;
            }

            _seen.Add(what);
            if (HasFired || point is null || what != point.What || _seen.Count(s => s == what) != point.Occurrence)
            {
                return null;
            }

            HasFired = true;
            return fault;
        }
    }

    /// <summary>Looks at the bucket at each change of the manifest.</summary>
    public async Task CheckAsync(CloudStorageRequest request)
    {
        if (request.ObjectName == VersionFiles.Manifest && await Record.ExceptionAsync(Store.ShouldBeSoundAsync) is { } unsound)
        {
            lock (_gate)
            {
                _broken.Add(unsound.Message);
            }
        }
    }

    /// <summary>Runs both.</summary>
    /// <returns>Why the first run failed; <see langword="null"/> when it converged.</returns>
    public async Task<string?> RunAsync()
    {
        if (previous is not null)
        {
            await SyncAsync(previous);
            lock (_gate)
            {
                _isPrepared = true;
            }
        }

        var failure = previous is null ? await StartAsync() : await TrySyncAsync();
        lock (_gate)
        {
            SeenInFirstRun = [.. _seen];
        }

        await Store.ShouldBeSoundAsync();
        failure?.Should().NotStartWith("Unexpected").And.NotContain("\n").And.ContainAny("gs://" + bucket, TestCache.Model);
        var log = await SyncAsync(source);
        await Store.ShouldBeSoundAsync();
        (await ReadEntryAsync()).Versions.Select(v => v.Version).Should().ContainSingle("the next run prunes, which logged: {0}", log);
        (await ReadEntryAsync()).Versions.Should().ContainSingle().Which.Source.Digest.Should().Be(source.Digest);
        await Store.ShouldBeTidyAsync();
        _broken.Should().BeEmpty("the bucket is sound at every change of the manifest");
        foreach (var name in (await Store.ReadAllAsync()).Keys)
        {
            await Store.DeleteAsync(name);
        }

        return failure;
    }

    private async Task<string?> StartAsync()
    {
        using var places = new Places(Connect());
        await using var cache = Create(places, source);
        await cache.StartAsync();
        try
        {
            await cache.Cache.GetModelAsync(TestCache.Model).AsTask().WaitAsync(Deadline);
            cache.ExitCode.Value.Should().BeNull();
            return null;
        }
        catch (ModelCacheException e)
        {
            e.Message.Should().Be(cache.Cache.Status.Reason);
            return e.Message;
        }
    }

    private async Task<string?> TrySyncAsync()
    {
        try
        {
            await SyncAsync(source);
            return null;
        }
        catch (Exception e) when (e is ModelCacheException or ObjectStoreException)
        {
            return e.Message;
        }
    }

    /// <returns>What was logged, for the message of a failure.</returns>
    private async Task<string> SyncAsync(TestSource from)
    {
        using var places = new Places(Connect());
        await using var cache = Create(places, from);
        await cache.Services.GetRequiredService<ModelPuller>().SyncAsync(cache.Wanted, TimeSpan.FromMinutes(5), CancellationToken.None).WaitAsync(Deadline);
        (await ReadEntryAsync()).ActiveVersion!.Source.Digest.Should().Be(from.Digest);
        return string.Join(" | ", cache.Log.GetSnapshot().Select(r => r.Message));
    }

    private async Task<ManifestEntry> ReadEntryAsync() =>
        (await new ManifestStore(Store).ReadAsync(CancellationToken.None)).Entry(TestCache.Model)!;

    private TestCache Create(Places places, TestSource from) => new(
        Store,
        from,
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(places.Clock);
            builder.Services.AddSingleton(new PartLimits { Size = 10, InMemory = 2, LargestWhole = 30 });
            builder.Services.AddSingleton(new ModelCachePlaces(places.Store, places.LeaseStore));

            // Behind the server: what the mount shows is not what fails here.
            builder.Services.AddSingleton<IModelMount>(new ObjectStoreMount(Store));
        },
        ("ModelCache:SharedVolumeEnabled", "true"),
        ("ModelCache:Bucket", bucket),
        ("ModelCache:Retention:Keep", "1"),
        ("ModelCache:Lease:Ttl", "00:01:30"),
        ("ModelCache:StartupDeadline", "00:30:00"));

    private GoogleCloudStoreOptions Connect() => new()
    {
        Bucket = bucket,
        Endpoint = StorageEndpoint.Parse($"{server.Endpoint}"),
        TimeProvider = clock,
        MetadataTimeout = TimeSpan.FromSeconds(15),
        TransferTimeout = TimeSpan.FromSeconds(30),
        StallTimeout = TimeSpan.FromSeconds(15),
    };

    private sealed class Places(GoogleCloudStoreOptions options) : IDisposable
    {
        public TimeProvider Clock => options.TimeProvider;

        public GoogleCloudObjectStore Store { get; } = new(options);

        public GoogleCloudObjectStore LeaseStore { get; } = new(options with { Retries = false });

        public void Dispose()
        {
            Store.Dispose();
            LeaseStore.Dispose();
        }
    }
}
