using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>A store whose faults a test injects, candidates and holders of one lease in it, and a clock that only the test moves.</summary>
public abstract class LeaseTestBase
{
    private protected const string Model = "demo";
    private protected static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    private protected LeaseTestBase()
    {
        Inner = new InMemoryObjectStore(StoreClock);
        Store = new FaultInjectingObjectStore(Inner);
    }

    private protected static string Name => LeaseManager.ObjectNameOf(Model);

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Stands still unless a test moves it: no lease depends on the dates of a store.</summary>
    private protected FakeTimeProvider StoreClock { get; } = new(new DateTimeOffset(2030, 5, 5, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The store without faults, as others see it.</summary>
    private protected InMemoryObjectStore Inner { get; }

    private protected FaultInjectingObjectStore Store { get; }

    private protected FakeLogger<LeaseManager> Log { get; } = new();

    /// <summary>The models whose leases were told to be lost.</summary>
    private protected List<string> Lost { get; } = [];

    private protected LeaseManager Manager(IObjectStore? store = null, TimeProvider? clock = null, TimeSpan slot = default, int seed = 1) =>
        new(store ?? Store, new LeaseTimings(Ttl, slot), clock ?? Clock, new Random(seed), Log, Lost.Add);

    private protected async Task<Lease> TakeAsync(IObjectStore? store = null, TimeProvider? clock = null, long floor = 0) =>
        (await Manager(store, clock).CreateCandidate(Model).TryAcquireAsync(floor, default))!;

    /// <summary>Takes the lease for a holder that is never heard of again: it renews nothing and releases nothing.</summary>
    private protected async Task TakeAndDieAsync()
    {
        var faulty = new FaultInjectingObjectStore(Inner);
        await TakeAsync(faulty);
        faulty.Inject = _ => StoreFault.FailBefore();
    }

    private protected void Run(TimeSpan time) => Clock.Run(time);

    private protected int Count(StoreOperationKind kind) => Store.GetSnapshot().Count(o => o.Kind == kind);

    private protected async Task<StoredObject> GetAsync() => (await Inner.GetAsync(Name))!;

    private protected Task<StoredObject> WriteAsync(Dictionary<string, string> metadata) =>
        Inner.WriteBytesAsync(Name, [], new ObjectWriteOptions { Metadata = metadata }, CancellationToken.None);
}
