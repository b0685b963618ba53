using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Another process at the same store: it publishes, takes leases and changes the manifest as the library does, unseen by the recorder.</summary>
internal sealed class OtherInstance
{
    private readonly InMemoryObjectStore _store;
    private readonly FakeUpstream _upstream;
    private readonly LeaseManager _leases;
    private readonly ManifestStore _manifests;
    private readonly ManifestFlipper _flipper;
    private readonly ModelPublisher _publisher;
    private readonly ConcurrentDictionary<string, Lease> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ManifestEntry> _removed = new(StringComparer.Ordinal);

    public OtherInstance(InMemoryObjectStore store, FakeUpstream upstream, ModelCacheOptions options, TimeProvider clock, IServiceProvider services)
    {
        _store = store;
        _upstream = upstream;
        _leases = new LeaseManager(
            store, new LeaseTimings(options.Lease.Ttl!.Value, TimeSpan.Zero), clock, Random.Shared, NullLogger<LeaseManager>.Instance);
        _manifests = new ManifestStore(store);
        _flipper = new ManifestFlipper(_manifests, clock, Random.Shared, NullLogger.Instance);
        var source = new UncountedSource(upstream);
        var limits = new PartLimits();
        _publisher = new ModelPublisher(
            store,
            _manifests,
            new ModelSources(options.Models.Select(m => new ModelSourceRegistration(ModelSourceUri.SchemeOf(m.Source)!, _ => source)), services),
            _flipper,
            new VersionPruner(store, _flipper, options.Retention, NullLogger<VersionPruner>.Instance),
            new FolderObjects(store, isEnabled: false),
            limits,
            new PartBuffers(limits),
            new VersionSigner(store, null),
            NullLogger<ModelPublisher>.Instance);
    }

    /// <summary>Gets how long the waits of the library for a lease are at the most.</summary>
    public TimeSpan LongestPoll => _leases.Timings.PollEvery * 2;

    public TimeSpan RenewEvery => _leases.Timings.RenewEvery;

    public bool HoldsLease(string model) => _held.ContainsKey(model);

    /// <summary>Publishes what upstream has, and gives back a lease that it has taken before.</summary>
    public async Task<ManifestVersion> PublishAsync(WantedModel model)
    {
        var lease = _held.TryRemove(model.Name, out var held) && !held.Lost.IsCancellationRequested ? held : await AcquireAsync(model.Name).ConfigureAwait(false);
        await using var owner = lease.ConfigureAwait(false);
        var result = await _publisher.PublishAsync(model, PublishMode.Sync, lease, new NoProgress(), CancellationToken.None).ConfigureAwait(false);
        return result.Version;
    }

    /// <summary>Publishes what upstream has moved on to, whatever the instance under test is pinned to.</summary>
    public Task<ManifestVersion> PublishNextAsync(WantedModel model)
    {
        _upstream.MoveOn(model.Name);
        return PublishAsync(model with { Version = null, Digest = null });
    }

    /// <summary>Cuts a file of a version short.</summary>
    public async Task DamageAsync(ManifestVersion version)
    {
        var largest = version.Files.MaxBy(f => f.Size)!;
        await _store.WriteBytesAsync($"{version.Path}/{largest.Path}", [0], new ObjectWriteOptions(), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Takes a lease away from whoever holds it.</summary>
    public async Task TakeLeaseAsync(string model)
    {
        if (await new LeaseUnlocker(_leases).UnlockAsync(model, force: true, CancellationToken.None).ConfigureAwait(false) is null)
        {
            throw new InvalidOperationException(
                $"Nobody holds the lease of the model '{model}': make it stale and hold its pull when the fake is added (MakeStale, HoldPull).");
        }

        _held[model] = await AcquireAsync(model).ConfigureAwait(false);
    }

    public async Task ReleaseLeasesAsync()
    {
        foreach (var model in _held.Keys)
        {
            if (_held.TryRemove(model, out var lease))
            {
                await lease.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Removes all versions of a model from the manifest.</summary>
    public Task RemoveAsync(string model) => FlipAsync(model, entry =>
    {
        _removed.TryAdd(model, entry);
        return entry with { Active = null, Pins = [], Versions = [] };
    });

    /// <summary>Puts back what was removed.</summary>
    /// <returns>The models of which something was.</returns>
    public async Task<IReadOnlyList<string>> RestoreAsync()
    {
        var restored = new List<string>();
        foreach (var model in _removed.Keys)
        {
            if (_removed.TryRemove(model, out var removed))
            {
                await FlipAsync(model, entry => entry with
                {
                    Active = entry.Active ?? removed.Active,
                    Versions = [.. entry.Versions, .. removed.Versions.Where(v => entry.Find(v.Version) is null)],
                }).ConfigureAwait(false);
                restored.Add(model);
            }
        }

        return restored;
    }

    private async Task FlipAsync(string model, Func<ManifestEntry, ManifestEntry> change)
    {
        var lease = await AcquireAsync(model).ConfigureAwait(false);
        await using var owner = lease.ConfigureAwait(false);
        var snapshot = await _manifests.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        var entry = snapshot.Entry(model) ?? throw new InvalidOperationException($"The model '{model}' is not published.");
        await _flipper.FlipAsync(model, snapshot, _ => change(entry) with { Attempt = lease.Attempt.ToString() }, lease, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<Lease> AcquireAsync(string model) =>
        await _leases.CreateCandidate(model, isInCrowd: false).TryAcquireAsync(0, CancellationToken.None).ConfigureAwait(false) ??
        throw new InvalidOperationException($"The instance holds the lease of the model '{model}': it is pulling; release it, or let it lose its lease first.");

    private sealed class UncountedSource(FakeUpstream upstream) : IModelSource
    {
        public Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult(upstream.Resolve(request));
    }

    private sealed class NoProgress : IPublishProgress
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
