using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Diagnostics;

namespace Tabular.ModelCache.Startup;

/// <inheritdoc cref="IModelCache"/>
internal sealed class ModelCacheGate(ModelCacheStatusHolder holder, ILogger<ModelCacheService> logger) : IModelCache
{
    public event EventHandler<ModelUpdatedEventArgs>? ModelUpdated;

    public ModelCacheStatus Status => holder.Current;

    public async ValueTask<CachedModel> GetModelAsync(string name, CancellationToken cancellationToken = default)
    {
        Check(name);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var status = holder.Current;
            if (status.IsReady)
            {
                return holder.FindModel(name)!;
            }

            if (status.State == ModelCacheState.Failed)
            {
                throw new ModelCacheException(status.Reason ?? "The model cache failed.");
            }

            if (holder.IsStopped)
            {
                throw new OperationCanceledException("The host has stopped before the model cache was ready.");
            }

            await holder.WaitForChangeAsync(status).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public bool TryGetModel(string name, [NotNullWhen(true)] out CachedModel? model)
    {
        Check(name);
        model = holder.Current.IsReady ? holder.FindModel(name) : null;
        return model is not null;
    }

    public async IAsyncEnumerable<ModelCacheStatus> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var status = holder.Current;
            yield return status;
            if (holder.IsStopped)
            {
                yield break;
            }

            await holder.WaitForChangeAsync(status).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Calls the handlers of <see cref="ModelUpdated"/>, on the thread pool: they may block, and their caller may not.</summary>
    public Task RaiseUpdatedAsync(CachedModel previous, CachedModel current) =>
        ModelUpdated is { } handlers ? Task.Run(() => Raise(handlers, new ModelUpdatedEventArgs(previous, current))) : Task.CompletedTask;

    private void Raise(EventHandler<ModelUpdatedEventArgs> handlers, ModelUpdatedEventArgs update)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, update);
            }
#pragma warning disable CA1031 // A handler of the app must not keep the others from the news, nor the instance from serving.
            catch (Exception e)
#pragma warning restore CA1031
            {
                StartupLog.UpdateHandlerFailed(logger, update.Current.Name, update.Current.Version, e);
            }
        }
    }

    private void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!holder.IsConfigured(name))
        {
            throw new ArgumentException(
                $"No model named '{name}' is configured; configured are {string.Join(", ", holder.Current.Models.Select(m => m.Name))}.", nameof(name));
        }
    }
}
