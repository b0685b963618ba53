using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>
/// A crowd that starts at once on an empty bucket, on virtual time. Each instance asks for the manifest and the lease, as a start does, for the minute that
/// the winner needs to pull, and until it has seen the flip. The bucket keeps to the limits of Cloud Storage: what is above them is refused.
/// </summary>
internal sealed class SimulatedCrowd
{
    /// <summary>Google's published limit for the reads of a bucket at first (<see href="https://cloud.google.com/storage/docs/request-rate"/>).</summary>
    public const int ReadsPerSecond = 5_000;

    /// <summary>The one for its writes at first.</summary>
    public const int WritesPerSecond = 1_000;

    private const string Model = "m";

    /// <summary>Nobody starts 10,000 processes in one instant; a platform takes some seconds.</summary>
    private const double StartSeconds = 5;

    private static readonly TimeSpan Pull = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(300);

    // One change a second is all that one object gets.
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly FaultInjectingObjectStore _store;
    private readonly PriorityQueue<LeaseCandidate, TimeSpan> _due = new();
    private readonly Random _random;
    private readonly int _instances;
    private readonly long _began;
    private readonly List<SimulatedCrowdSecond> _seconds = [];
    private readonly Dictionary<string, TimeSpan> _changed = [];
    private int _reads;
    private int _writes;
    private int _refused;

    private SimulatedCrowd(int instances)
    {
        _instances = instances;
        _random = new Random(instances);
        _store = new FaultInjectingObjectStore(new InMemoryObjectStore(_clock), Limit);
        _began = _clock.GetTimestamp();
    }

    private TimeSpan Now => _clock.GetElapsedTime(_began);

    /// <summary>Lets a crowd start, with the same course at each call.</summary>
    public static Task<SimulatedCrowdResult> RunAsync(int instances) => new SimulatedCrowd(instances).RunAsync();

    private async Task<SimulatedCrowdResult> RunAsync()
    {
        for (var i = 0; i < _instances; i++)
        {
            var manager = new LeaseManager(
                _store, new LeaseTimings(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200)), _clock, _random, NullLogger<LeaseManager>.Instance);
            _due.Enqueue(manager.CreateCandidate(Model), TimeSpan.FromSeconds(_random.NextDouble() * StartSeconds));
        }

        var (pulls, lastReady, flipped) = (0, TimeSpan.Zero, TimeSpan.Zero);
        Lease? holder = null;
        while ((holder is not null || _due.Count > 0) && Now < Deadline)
        {
            while (_due.TryPeek(out var candidate, out var at) && at <= Now)
            {
                _due.Dequeue();
                switch (await LookAsync(candidate))
                {
                    case { IsReady: true }:
                        lastReady = Now;
                        break;
                    case { Lease: { } lease }:
                        pulls++;
                        holder = lease;
                        break;
                    default:
                        _due.Enqueue(candidate, Now + candidate.NextTry);
                        break;
                }
            }

            if (holder is not null && flipped == TimeSpan.Zero && Now >= Pull)
            {
                flipped = Now;
                await _store.WriteBytesAsync(VersionFiles.Manifest, [1], new ObjectWriteOptions { Preconditions = ObjectPreconditions.MustNotExist }, default);
                await holder.DisposeAsync();
                holder = null;
            }

            _clock.Run(TimeSpan.FromMilliseconds(100));
            if ((int)Now.TotalSeconds > _seconds.Count)
            {
                (_reads, _writes) = (0, 0);
                var operations = _store.GetSnapshot(clear: true);
                _seconds.Add(new SimulatedCrowdSecond(
                    operations.Count(o => !o.IsMutation), operations.Where(o => o.IsMutation).GroupBy(o => o.Name).Select(g => g.Count()).DefaultIfEmpty().Max()));
            }
        }

        return new SimulatedCrowdResult(_instances, pulls, _due.Count, _refused, _seconds, lastReady - flipped);
    }

    private async Task<(bool IsReady, Lease? Lease)> LookAsync(LeaseCandidate candidate)
    {
        try
        {
            return await _store.GetAsync(VersionFiles.Manifest) is not null ? (true, null) : (false, await candidate.TryAcquireAsync(0, default));
        }
        catch (ObjectStoreException e) when (e.Error == ObjectStoreError.RateLimited)
        {
            return (false, null);
        }
    }

    private StoreFault Limit(StoreOperation operation)
    {
        if (!operation.IsMutation)
        {
            return ++_reads > ReadsPerSecond ? Refuse() : StoreFault.None;
        }

        if (++_writes > WritesPerSecond || (_changed.TryGetValue(operation.Name, out var last) && Now - last < BetweenChanges))
        {
            return Refuse();
        }

        _changed[operation.Name] = Now;
        return StoreFault.None;
    }

    private StoreFault Refuse()
    {
        _refused++;
        return StoreFault.FailBefore(ObjectStoreError.RateLimited);
    }
}
