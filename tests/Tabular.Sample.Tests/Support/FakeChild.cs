using Tabular.Children;

namespace Tabular.Sample.Tests.Support;

/// <summary>A process that ends when the test, or a signal that it obeys, says so.</summary>
internal sealed class FakeChild(int id, IReadOnlyDictionary<string, string> environment, bool isStubborn) : IChildProcess
{
    private readonly TaskCompletionSource<int> _exited = new();

    public int Id => id;

    public IReadOnlyDictionary<string, string> Environment => environment;

    public Task<int> Exited => _exited.Task;

    public bool IsTerminated { get; private set; }

    public bool IsKilled { get; private set; }

    public bool IsDisposed { get; private set; }

    public void End(int exitCode) => _exited.TrySetResult(exitCode);

    public void Terminate()
    {
        IsTerminated = true;
        if (!isStubborn)
        {
            End(128 + 15);
        }
    }

    public void Kill()
    {
        IsKilled = true;
        End(128 + 9);
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
