namespace Tabular.ModelCache.Mounts;

/// <summary>
/// Runs a call that can hang in the kernel on a thread of its own. A blocked FUSE request cannot be cancelled, so the caller stops
/// waiting and the thread is left to the kernel; it never holds the process or the thread pool.
/// </summary>
internal static class BlockingCall
{
    /// <exception cref="TimeoutException">The call did not return in time.</exception>
    public static Task<T> RunAsync<T>(Func<T> call, string name, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken) =>
        Start(call, name).WaitAsync(timeout, clock, cancellationToken);

    /// <summary>Starts the call, for a caller that waits for it with a deadline, and again later if need be.</summary>
    public static Task<T> Start<T>(Func<T> call, string name)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.TrySetResult(call());
            }
            catch (OperationCanceledException e)
            {
                done.TrySetCanceled(e.CancellationToken);
            }
#pragma warning disable CA1031 // The exception is handed to the caller.
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.TrySetException(e);

                // The caller may have stopped waiting long ago; that alone is no unobserved exception.
                _ = done.Task.Exception;
            }
        })
        {
            IsBackground = true,
            Name = $"model-cache {name}",
        };

        // Nothing of the caller's context may live on in a thread that possibly never ends.
        thread.UnsafeStart();
        return done.Task;
    }
}
