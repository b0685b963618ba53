namespace Tabular.ModelCache.Configuration;

/// <summary>
/// Waits whose continuation runs where the wait ends. When <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/> and
/// <see cref="Task.WaitAsync(CancellationToken)"/> are cancelled, they hand their continuations to the thread pool, whatever their
/// awaiter asks for; a simulation on one thread with virtual time could not follow them there.
/// </summary>
internal static class InlineWait
{
    /// <summary>Waits for a time.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task DelayAsync(TimeSpan delay, TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (delay <= TimeSpan.Zero)
        {
            return;
        }

        var ended = new TaskCompletionSource();
        using var timer = clock.CreateTimer(static ended => ((TaskCompletionSource)ended!).TrySetResult(), ended, delay, Timeout.InfiniteTimeSpan);
        using var registration = cancellationToken.UnsafeRegister(
            static (ended, token) => ((TaskCompletionSource)ended!).TrySetCanceled(token), ended);
        await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Waits for a task, or until the token is cancelled; the task goes on then, and nobody waits for it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<T> ForAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource<T>();
        using var registration = cancellationToken.UnsafeRegister(
            static (cancelled, token) => ((TaskCompletionSource<T>)cancelled!).TrySetCanceled(token), cancelled);
        var first = await Task.WhenAny(task, cancelled.Task).ConfigureAwait(false);
        return await first.ConfigureAwait(false);
    }
}
