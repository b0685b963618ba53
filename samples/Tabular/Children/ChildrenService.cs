using Tabular.ModelCache;

namespace Tabular.Children;

/// <summary>Runs the children of this app while its gate is open.</summary>
/// <remarks>
/// The host stops its services one after the other, Kestrel first, and requests may take all of its time to end. The children do not wait for
/// their turn: they get SIGTERM <see cref="ChildTimings.DrainTime"/> after the app at the latest. When the app itself is killed by SIGKILL
/// nobody stops them: in a container they end with it, because the app is its first process; on a laptop they have to be ended by hand.
/// </remarks>
internal sealed class ChildrenService(
    IModelCache cache, ChildRegistry children, IHostApplicationLifetime lifetime, ChildTimings timings, TimeProvider time) : BackgroundService
{
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var drained = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var stopping = lifetime.ApplicationStopping.Register(() => drained.CancelAfter(timings.DrainTime));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, drained.Token);
        cache.ModelUpdated += Follow;
        try
        {
            await Task.WhenAll(children.Supervisors.Select(s => RunAsync(s, stop.Token)));
        }
        finally
        {
            cache.ModelUpdated -= Follow;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    private async Task RunAsync(ChildSupervisor child, CancellationToken stop)
    {
        try
        {
            await cache.GetModelAsync(child.Options.Model, stop);
        }
        catch (Exception e) when (e is ModelCacheException or OperationCanceledException)
        {
            // The gate stays closed, and its own log says why.
            return;
        }

        await child.RunAsync(
            () => cache.TryGetModel(child.Options.Model, out var model) ? model : throw new InvalidOperationException("An open gate never closes."), stop);
    }

    private void Follow(object? sender, ModelUpdatedEventArgs update)
    {
        foreach (var child in children.Supervisors)
        {
            if (string.Equals(child.Options.Model, update.Current.Name, StringComparison.OrdinalIgnoreCase))
            {
                child.Follow(update.Current);
            }
        }
    }
}
