using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Startup;

public sealed class EarlyManifestTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly FaultInjectingObjectStore _store = new(new InMemoryObjectStore());
    private readonly TaskCompletionSource _asked = new();
    private readonly ServiceProvider _services;
    private readonly EarlyManifest _early;
    private readonly ManifestReader _manifests;

    public EarlyManifestTests()
    {
        _services = new ServiceCollection()
            .AddSingleton(new ModelCachePlaces(_store, _store))
            .AddSingleton<IModelMount>(new ObjectStoreMount(_store))
            .AddSingleton<ManifestReader>()
            .AddSingleton(new ModelCacheClock(_clock, new Random(1)))
            .AddSingleton<EarlyManifest>()
            .BuildServiceProvider();
        _early = _services.GetRequiredService<EarlyManifest>();
        _manifests = _services.GetRequiredService<ManifestReader>();
    }

    [Fact]
    public async Task Take_BegunBefore_ReadsOnlyOnce()
    {
        await _manifests.ReadAsync(default);
        var once = _store.GetSnapshot(clear: true).Count;

        _early.Begin();
        (await _early.TakeAsync(_manifests, default)).Generation.Should().Be(0);

        _store.GetSnapshot(clear: true).Should().HaveCount(once);
        await _early.TakeAsync(_manifests, default);
        _store.GetSnapshot().Should().HaveCount(once, "what was taken is not taken twice");
    }

    [Fact]
    public async Task Take_BegunLongBefore_ReadsAgain()
    {
        await BeginToFailAsync();

        _clock.Advance(TimeSpan.FromSeconds(6));

        (await _early.TakeAsync(_manifests, default)).Generation.Should().Be(0);
    }

    [Fact]
    public async Task Take_EarlyReadingFailed_ThrowsItsFailure()
    {
        await BeginToFailAsync();

        await FluentActions.Awaiting(() => _early.TakeAsync(_manifests, default)).Should().ThrowAsync<ObjectStoreException>();
    }

    [Fact]
    public async Task Take_EarlyReadingHangs_EndsWithTheToken()
    {
        _store.Inject = _ => StoreFault.StallBefore();
        _early.Begin();
        using var stop = new CancellationTokenSource();
        var taking = _early.TakeAsync(_manifests, stop.Token);

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => taking.WaitAsync(Deadline)).Should().ThrowAsync<OperationCanceledException>();
    }

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    /// <summary>The first request fails, and has been made when this returns.</summary>
    private async Task BeginToFailAsync()
    {
        _store.Inject = _ => _asked.TrySetResult() ? StoreFault.FailBefore(ObjectStoreError.PermissionDenied) : StoreFault.None;
        _early.Begin();
        await _asked.Task.WaitAsync(Deadline);
    }
}
