using System.Collections.Concurrent;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>A mount over a store that hides a version, hangs in it, or fails, as a test wants; it counts its probes.</summary>
internal sealed class StoreViewMount(IObjectStore store) : IModelMount
{
    private readonly ObjectStoreMount _inner = new(store);
    private int _probes;

    public string Root => _inner.Root;

    public int Probes => Volatile.Read(ref _probes);

    /// <summary>The folders that are not shown yet.</summary>
    public ConcurrentDictionary<string, bool> Hidden { get; } = new(StringComparer.Ordinal);

    /// <summary>The folders whose listing never ends unless it is cancelled.</summary>
    public ConcurrentDictionary<string, bool> Hanging { get; } = new(StringComparer.Ordinal);

    /// <summary>What every listing fails with.</summary>
    public string? Failure { get; set; }

    /// <summary>What every probe fails with.</summary>
    public string? ProbeFailure { get; set; }

    /// <summary>The listings, by folder.</summary>
    public ConcurrentQueue<string> Listings { get; } = new();

    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ProbeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _probes);
        return ProbeFailure is { } failure ? Task.FromException(new ModelCacheException(failure)) : Task.CompletedTask;
    }

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken) => _inner.ReadAsync(path, limit, cancellationToken);

    public async Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken)
    {
        Listings.Enqueue(folder);
        if (Failure is { } failure)
        {
            throw new ModelCacheException(failure);
        }

        if (Hanging.ContainsKey(folder))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return Hidden.ContainsKey(folder) ? null : await _inner.ListAsync(folder, cancellationToken);
    }

    public Stream OpenRead(string path) => _inner.OpenRead(path);
}
