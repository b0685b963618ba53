using System.Collections.Concurrent;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Tests.Support;

/// <summary>Notes what is asked of a mount.</summary>
internal sealed class RecordingMount(IModelMount inner) : IModelMount
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public string Root => inner.Root;

    public Task CheckAsync(CancellationToken cancellationToken)
    {
        Calls.Enqueue("check");
        return inner.CheckAsync(cancellationToken);
    }

    public Task ProbeAsync(CancellationToken cancellationToken)
    {
        Calls.Enqueue("probe");
        return inner.ProbeAsync(cancellationToken);
    }

    public Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"read {path}");
        return inner.ReadAsync(path, limit, cancellationToken);
    }

    public Task<IReadOnlyDictionary<string, long>?> ListAsync(string folder, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"list {folder}");
        return inner.ListAsync(folder, cancellationToken);
    }

    public Stream OpenRead(string path)
    {
        Calls.Enqueue($"open {path}");
        return inner.OpenRead(path);
    }
}
