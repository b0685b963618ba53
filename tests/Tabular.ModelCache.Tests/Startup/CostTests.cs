using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Startup;

/// <summary>How much a start asks of the mount, and a waiter of the store.</summary>
public sealed class CostTests
{
    private const int Minutes = 10;

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"), ("manifests/m", "refers to it"));

    [Fact]
    public async Task Start_Hit_ListsTheVersionOnceAndReadsItsTwoMarkers()
    {
        await using (var first = new TestCache(_store, _source))
        {
            await first.StartAndGetAsync();
        }

        var mount = new RecordingMount(new ObjectStoreMount(_store));
        await using var cache = new TestCache(_store, _source, b => b.Services.AddSingleton<IModelMount>(mount));

        var model = await cache.StartAndGetAsync();

        var folder = $"ollama/{model.Version}";
        mount.Calls.Should().Equal("check", $"list {folder}", $"read {folder}/SHA256SUMS", $"read {folder}/.done");
    }

    [Fact]
    public async Task Start_WhileAnotherInstancePulls_ReadsTwoObjectsATryAndWritesNothing()
    {
        var clock = new FakeTimeProvider();
        _source.Opening = (_, token) => Task.Delay(Timeout.Infinite, token);
        await using var holder = Create(clock, _store);
        await holder.StartAsync();
        await holder.WaitForAsync(s => s.State == ModelCacheState.Pulling);
        var log = new FaultInjectingObjectStore(_store);
        await using var waiter = Create(clock, log);
        await waiter.StartAsync();
        await waiter.WaitForAsync(s => s.Reason?.Contains("waiting for", StringComparison.Ordinal) == true);
        log.GetSnapshot(clear: true);

        clock.Run(TimeSpan.FromMinutes(Minutes));

        var requests = log.GetSnapshot();
        var perMinute = requests.Count / (double)Minutes;
        requests.Should().NotContain(o => o.IsMutation);
        requests.Select(o => o.Name).Distinct().Should().BeEquivalentTo("manifest.json", ".locks/demo.lease");

        // A try every 4 to 8 seconds; fewer where virtual time runs ahead of the thread pool.
        perMinute.Should().BeInRange(1, 2 * 15);
        waiter.Cache.Status.State.Should().Be(ModelCacheState.AcquiringLease);
    }

    private TestCache Create(TimeProvider clock, IObjectStore store) => new(
        store,
        _source,
        b => b.Services.AddSingleton(clock),
        ("ModelCache:StartupDeadline", "01:00:00"),
        ("ModelCache:Lease:Ttl", "00:00:30"));
}
