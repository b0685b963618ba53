using System.Diagnostics;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>How fast <c>/healthz</c> answers.</summary>
internal static class HealthProbes
{
    private const int Count = 60;
    private const int MostRounds = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    /// <summary>
    /// Fails unless 95 of 100 probes are answered within the limit. Other work on the machine makes one round late, so that there are
    /// several; what hangs because the mount does hangs in all of them.
    /// </summary>
    /// <param name="app">The instance, whose mount hangs during all rounds.</param>
    /// <param name="expected">The answer of each probe.</param>
    public static async Task ShouldBePromptAsync(TabularProcess app, Func<Health, bool> expected)
    {
        var rounds = new List<string>();
        for (var round = 0; round < MostRounds; round++)
        {
            var times = await MeasureAsync(app, expected);
            var most = times[(int)(times.Count * 0.95) - 1];
            rounds.Add($"median {times[times.Count / 2].TotalMilliseconds:0.0} ms, 95 of 100 within {most.TotalMilliseconds:0.0} ms, longest {times[^1].TotalMilliseconds:0.0} ms");
            TestContext.Current.TestOutputHelper!.WriteLine(rounds[^1]);
            if (most <= Limit)
            {
                return;
            }
        }

        Assert.Fail($"Health probes take longer than {Limit.TotalMilliseconds} ms: {string.Join("; ", rounds)}{app.Transcript}");
    }

    private static async Task<List<TimeSpan>> MeasureAsync(TabularProcess app, Func<Health, bool> expected)
    {
        // The first answer is late because the code for it is compiled.
        await app.GetHealthAsync();
        var times = new List<TimeSpan>();
        using var timer = new PeriodicTimer(Interval);
        while (times.Count < Count)
        {
            var watch = Stopwatch.StartNew();
            var health = await app.GetHealthAsync();
            times.Add(watch.Elapsed);
            expected(health).Should().BeTrue($"the mount hangs; the answer was {health}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        times.Sort();
        return times;
    }
}
