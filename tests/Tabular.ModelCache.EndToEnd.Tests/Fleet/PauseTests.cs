using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>
/// The puller is stopped for longer than the time to live of its lease, right after any one of its changes took effect and before it
/// learns of that; another process goes on, and then the former one does.
/// </summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class PauseTests
{
    private const int Lanes = 8;

    // One of each kind of change; the full run takes every change, with the upstream changed meanwhile and unchanged.
    private static readonly (Func<CloudStorageRequest, bool> IsIt, bool UpstreamChanges)[] Sample =
    [
        (r => r.ObjectName!.StartsWith(".locks/", StringComparison.Ordinal), true),
        (r => r.ObjectName!.Contains("/files/", StringComparison.Ordinal), false),
        (r => r.ObjectName!.Contains("/files/", StringComparison.Ordinal), true),
        (r => r.ObjectName!.EndsWith("/version.json", StringComparison.Ordinal), false),
        (r => r.Operation == "storage.objects.move", true),
        (r => r.ObjectName!.EndsWith("/.done", StringComparison.Ordinal), false),
        (r => r.ObjectName!.EndsWith("/.done", StringComparison.Ordinal), true),
        (r => r.ObjectName == "manifest.json", false),
    ];

    [Fact]
    public async Task Stop_PullerAfterAChangeForLongerThanTheLease_ItStopsByItselfAndConverges()
    {
        var changes = await RecordAsync();
        var cases = FullRun.IsOn
            ? [.. Enumerable.Range(1, changes.Count).SelectMany(n => new[] { (Number: n, Changes: false), (Number: n, Changes: true) })]
            : Sample.Select(s => (Number: changes.FindIndex(r => s.IsIt(r)) + 1, Changes: s.UpstreamChanges)).ToArray();
        cases.Should().OnlyContain(c => c.Number > 0);
        var lines = new string?[cases.Length];
        var failures = new Exception?[cases.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, cases.Length),
            new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = TestContext.Current.CancellationToken },
            async (i, _) =>
            {
                using var pause = new PauseCase(cases[i].Number, cases[i].Changes);
                failures[i] = await Record.ExceptionAsync(async () => lines[i] = await pause.RunAsync());
            });

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', lines));
        string.Join('\n', failures.OfType<Exception>().Select(e => e.Message)).Should().BeEmpty();
    }

    /// <summary>The changes of one undisturbed publish, in their order.</summary>
    private static async Task<List<CloudStorageRequest>> RecordAsync()
    {
        using var undisturbed = new PauseCase(int.MaxValue, upstreamChanges: false);
        return await undisturbed.RecordAsync();
    }
}
