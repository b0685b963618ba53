using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>
/// A sync of two models is killed after each of its changes of the bucket, once before the answer and once after it; readers start on what
/// it left, and another sync converges.
/// </summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class CrashTests
{
    // Each moves some 66 MB at a time.
    private const int Lanes = 3;
    private const int Sample = 5;
    private const int Seed = 20251114;

    [Fact]
    public async Task Kill_SyncAfterAnyChange_ReadersServeTheOldOrTheNewBytesAndTheNextSyncConverges()
    {
        var counted = await CrashLane.StartAsync();
        var changes = await counted.CountAsync();
        var random = new Random(Seed);
        int[] all = [.. Enumerable.Range(1, changes + 1)];
        int[] Choose() => FullRun.IsOn ? all : [.. random.GetItems(all[..changes], Sample * 2).Distinct().Take(Sample).Order()];
        var points = new ConcurrentQueue<(int Number, bool IsAnswered)>(
            Choose().Select(n => (n, false)).Concat(Choose().Select(n => (n, true))));
        var count = points.Count;
        var lines = new ConcurrentQueue<string>();
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Lanes),
            new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = TestContext.Current.CancellationToken },
            async (number, _) =>
            {
                await using var lane = number == 0 ? counted : await CrashLane.StartAsync();
                while (points.TryDequeue(out var point))
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"change {point.Number:000} {(point.IsAnswered ? "answered" : "unanswered")}");
                    var watch = Stopwatch.StartNew();
                    var error = await Record.ExceptionAsync(async () =>
                    {
                        var (change, outcome) = await lane.CrashAsync(point.Number, point.IsAnswered);
                        (change is null).Should().Be(point.Number > changes, "the sync has {0} changes", changes);
                        lines.Enqueue(string.Create(
                            CultureInfo.InvariantCulture, $"{name}: {change?.Operation} {change?.ObjectName}: {outcome}, {watch.Elapsed.TotalSeconds:0.0} s"));
                    });
                    if (error is not null)
                    {
                        failures.Enqueue($"{name}: {error.Message}");

                        // What it left would be the start of the next.
                        break;
                    }
                }
            });

        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"A sync of two models makes {changes} changes; tried {lines.Count} of {2 * (changes + 1)} points:"));
        output.WriteLine(string.Join('\n', lines.Order(StringComparer.Ordinal)));
        string.Join('\n', failures).Should().BeEmpty();
        lines.Should().HaveCount(count);
    }
}
