using System.Collections.Concurrent;

namespace Tabular.ModelCache.Testing;

/// <summary>The latest requests of a server, in the order of their answers.</summary>
/// <param name="onRequest">Is told of each.</param>
internal sealed class RequestLog<T>(Action<T>? onRequest)
{
    private const int MaxCount = 100_000;

    private readonly ConcurrentQueue<T> _records = new();

    public void Add(T record)
    {
        _records.Enqueue(record);
        if (_records.Count > MaxCount)
        {
            _records.TryDequeue(out _);
        }

        onRequest?.Invoke(record);
    }

    public IReadOnlyList<T> Get(bool clear)
    {
        if (!clear)
        {
            return [.. _records];
        }

        var taken = new List<T>();
        while (_records.TryDequeue(out var record))
        {
            taken.Add(record);
        }

        return taken;
    }
}
