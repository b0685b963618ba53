namespace Tabular.ModelCache.Publishing;

/// <summary>The memory of all parts that are on their way, whichever file and model they belong to.</summary>
/// <remarks>
/// Who waits is served in turn, and goes on where a buffer comes back: nothing is handed to the thread pool, so that a simulation on one
/// thread can follow.
/// </remarks>
internal sealed class PartBuffers(PartLimits limits)
{
    private readonly Lock _gate = new();
    private readonly Stack<byte[]> _free = new();
    private readonly Stack<WeakReference<byte[]>> _idle = new();
    private readonly Queue<TaskCompletionSource<byte[]>> _waiting = new();
    private int _out;

    /// <summary>Takes a buffer of <see cref="PartLimits.Size"/> bytes, if one is free now.</summary>
    public byte[]? TryRent()
    {
        lock (_gate)
        {
            if (_out == limits.InMemory)
            {
                return null;
            }

            _out++;
            if (_free.TryPop(out var buffer))
            {
                return buffer;
            }

            while (_idle.TryPop(out var idle))
            {
                if (idle.TryGetTarget(out buffer))
                {
                    return buffer;
                }
            }

            return GC.AllocateUninitializedArray<byte>(limits.Size);
        }
    }

    /// <summary>Takes a buffer of <see cref="PartLimits.Size"/> bytes when one is free.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<byte[]> turn;
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRent() is { } buffer)
            {
                return buffer;
            }

            turn = new TaskCompletionSource<byte[]>();
            _waiting.Enqueue(turn);
        }

        using var registration = cancellationToken.UnsafeRegister(
            static (turn, token) => ((TaskCompletionSource<byte[]>)turn!).TrySetCanceled(token), turn);
        return await turn.Task.ConfigureAwait(false);
    }

    public void Return(byte[] buffer)
    {
        while (true)
        {
            TaskCompletionSource<byte[]> next;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out next!))
                {
                    _free.Push(buffer);
                    if (--_out == 0)
                    {
                        // Between two pulls the memory belongs to the app; what it has not taken by the next one is used again.
                        while (_free.TryPop(out var free))
                        {
                            _idle.Push(new WeakReference<byte[]>(free));
                        }
                    }

                    return;
                }
            }

            if (next.TrySetResult(buffer))
            {
                return;
            }
        }
    }
}
