namespace Tabular.ModelCache.Testing;

/// <summary>Holds requests until it is released; see <see cref="StoreFault.StallBefore"/> and <see cref="StoreFault.StallAfter"/>.</summary>
public sealed class StoreStall
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that completes when the first request is held here.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets all held requests go on, and all later ones pass.</summary>
    public void Release() => _released.TrySetResult();

    internal Task HoldAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        return _released.Task.WaitAsync(cancellationToken);
    }
}
