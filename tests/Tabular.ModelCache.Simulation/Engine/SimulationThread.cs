namespace Tabular.ModelCache.Simulation.Engine;

/// <summary>The one thread on which everything runs; anything that escapes from it could not be replayed, and fails loudly.</summary>
internal sealed class SimulationThread
{
    // Deep enough that no continuation is ever handed to the thread pool for want of stack.
    private const int StackBytes = 64 << 20;

    private readonly int _id = Environment.CurrentManagedThreadId;
    private volatile string? _escape;

    /// <summary>Gets where code ran on another thread.</summary>
    public string? Escape => _escape;

    /// <summary>Runs a function on a thread of its own, without a synchronization context.</summary>
    public static T Run<T>(Func<T> function)
    {
        var result = default(T)!;
        Exception? error = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = function();
                }
#pragma warning disable CA1031 // Thrown again below.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    error = e;
                }
            },
            StackBytes)
        {
            IsBackground = true,
            Name = "simulation",
        };
        thread.Start();
        thread.Join();
        if (error is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }

        return result;
    }

    public void Assert()
    {
        if (Environment.CurrentManagedThreadId != _id)
        {
            _escape ??= Environment.StackTrace;
            throw new InvalidOperationException("Code under simulation ran on a thread other than that of the simulation.");
        }
    }
}
