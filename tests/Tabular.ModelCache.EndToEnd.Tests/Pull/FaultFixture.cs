using System.Collections.Concurrent;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>The syncs of all cases. Most of their time is waits before a retry, so that some run at the same time.</summary>
public sealed class FaultFixture : IAsyncLifetime
{
    private const int Lanes = 4;

    private readonly ConcurrentDictionary<string, FaultRun> _runs = new(StringComparer.Ordinal);

    public async ValueTask InitializeAsync() => await Parallel.ForEachAsync(
        FaultCase.All,
        new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = TestContext.Current.CancellationToken },
        async (fault, _) => _runs[fault.Key] = await FaultRun.RunAsync(fault.Value));

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _runs.Values)
        {
            await run.DisposeAsync();
        }
    }

    internal FaultRun Find(string name) => _runs[name];
}
