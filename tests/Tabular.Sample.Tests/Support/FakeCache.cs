using System.Diagnostics.CodeAnalysis;
using Tabular.ModelCache;

namespace Tabular.Sample.Tests.Support;

/// <summary>A gate that the test opens, and a model that goes on to other versions.</summary>
internal sealed class FakeCache : IModelCache
{
    private readonly TaskCompletionSource<CachedModel> _gate = new();
    private CachedModel? _model;

    public event EventHandler<ModelUpdatedEventArgs>? ModelUpdated;

    public ModelCacheStatus Status => throw new NotSupportedException();

    public static CachedModel Model(int version) =>
        new("llm", ModelKinds.Ollama, $"llm-{version}", $"/models/ollama/llm-{version}", 1, CacheOutcome.Hit, cacheHit: true);

    public void Open(CachedModel model)
    {
        _model = model;
        _gate.TrySetResult(model);
    }

    public void Fail() => _gate.TrySetException(new ModelCacheException("The bucket does not exist."));

    public void Update(CachedModel model)
    {
        var previous = _model!;
        _model = model;
        ModelUpdated?.Invoke(this, new ModelUpdatedEventArgs(previous, model));
    }

    public async ValueTask<CachedModel> GetModelAsync(string name, CancellationToken cancellationToken = default) =>
        await _gate.Task.WaitAsync(cancellationToken);

    public bool TryGetModel(string name, [NotNullWhen(true)] out CachedModel? model) => (model = _model) is not null;

    public IAsyncEnumerable<ModelCacheStatus> WatchAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
