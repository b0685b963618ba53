namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Runs an asynchronous action for many items, a few at a time. Unlike <see cref="Parallel"/> it starts nothing on the thread pool by
/// itself, so that a simulation on one thread with virtual time can replay it.
/// </summary>
internal static class Concurrent
{
    /// <summary>Runs the action for every item; the first failure cancels the others, and is thrown when all have ended.</summary>
    public static async Task ForEachAsync<T>(
        IEnumerable<T> items, int most, Func<T, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var queue = new Queue<T>(items);
        Exception? first = null;

        async Task WorkAsync()
        {
            while (true)
            {
                T item;
                lock (queue)
                {
                    if (stop.IsCancellationRequested || !queue.TryDequeue(out item!))
                    {
                        return;
                    }
                }

                try
                {
                    await action(item, stop.Token).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // Kept, and thrown when the others have ended.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref first, e, null);
#pragma warning disable CA1849 // CancelAsync runs the callbacks on the thread pool.
                    stop.Cancel();
#pragma warning restore CA1849
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Math.Min(most, queue.Count)).Select(_ => WorkAsync())).ConfigureAwait(false);
        if (first is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
