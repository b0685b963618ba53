namespace Tabular.ModelCache.Testing;

/// <summary>A place where the start waits while a test holds it.</summary>
internal sealed class FakeHold
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _released;

    public bool IsHeld
    {
        get
        {
            lock (_gate)
            {
                return _released is not null;
            }
        }
    }

    public void Hold()
    {
        lock (_gate)
        {
            _released ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _released?.SetResult();
            _released = null;
        }
    }

    public Task PassAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _released is null ? Task.CompletedTask : _released.Task.WaitAsync(cancellationToken);
        }
    }
}
