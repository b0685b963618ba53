using System.Diagnostics.CodeAnalysis;
using Tabular.ModelCache;

namespace Tabular;

/// <summary>A gate that is open from the start, with no models behind it.</summary>
internal sealed class OpenGate : IModelCache
{
    public event EventHandler<ModelUpdatedEventArgs>? ModelUpdated
    {
        add { }
        remove { }
    }

    public ModelCacheStatus Status { get; } = new() { State = ModelCacheState.Ready, Since = TimeProvider.System.GetUtcNow(), Models = [] };

    public ValueTask<CachedModel> GetModelAsync(string name, CancellationToken cancellationToken = default) =>
        ValueTask.FromException<CachedModel>(new ModelCacheException($"There is no model '{name}'."));

    public bool TryGetModel(string name, [NotNullWhen(true)] out CachedModel? model)
    {
        model = null;
        return false;
    }

    public async IAsyncEnumerable<ModelCacheStatus> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return Status;
        await Task.CompletedTask;
    }
}
