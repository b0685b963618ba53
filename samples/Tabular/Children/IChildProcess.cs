namespace Tabular.Children;

/// <summary>A started child.</summary>
internal interface IChildProcess : IAsyncDisposable
{
    int Id { get; }

    /// <summary>Completes with the exit code.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks it to end: SIGTERM. Where there are no signals, the same as <see cref="Kill"/>.</summary>
    void Terminate();

    /// <summary>Ends it and the processes that it has started.</summary>
    void Kill();
}
