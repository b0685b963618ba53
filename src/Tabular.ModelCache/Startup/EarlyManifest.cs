using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Startup;

/// <summary>
/// Reads the manifest for the start before the host comes to it: meanwhile the app maps its endpoints, and the host starts what was added before the cache.
/// </summary>
/// <remarks>To the start it is as a reading of its own, failure included. Where there is no bucket, nothing is read before the mount was checked.</remarks>
internal sealed class EarlyManifest(IServiceProvider services, ModelCacheClock clock) : IDisposable
{
    // An app may take its time between the two; then what was read is too old to decide by.
    private static readonly TimeSpan MostAge = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private Task<ManifestSnapshot?>? _reading;
    private long _began;

    /// <summary>Begins to read; what fails is thrown to who takes it.</summary>
    public void Begin()
    {
        var token = _stop.Token;
        _began = clock.Time.GetTimestamp();
        _reading = Task.Run(
            async () => services.GetRequiredService<ModelCachePlaces>().Store is null
                ? null
                : await services.GetRequiredService<ManifestReader>().ReadAsync(token).ConfigureAwait(false),
            token);
    }

    /// <summary>Takes what was read, once, or reads now.</summary>
    /// <exception cref="ModelCacheException">What lies there is not a manifest.</exception>
    /// <exception cref="Stores.ObjectStoreException">The store failed.</exception>
    public async Task<ManifestSnapshot> TakeAsync(ManifestReader manifests, CancellationToken cancellationToken)
    {
        var reading = Interlocked.Exchange(ref _reading, null);
        return reading is not null && clock.Time.GetElapsedTime(_began) < MostAge &&
            await reading.WaitAsync(cancellationToken).ConfigureAwait(false) is { } snapshot
                ? snapshot
                : await manifests.ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
