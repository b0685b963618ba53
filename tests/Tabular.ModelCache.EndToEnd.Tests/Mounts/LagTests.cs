using System.Collections.Concurrent;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>Instances start around a publish by another process that their mount does not show yet.</summary>
public sealed class LagTests : IAsyncLifetime
{
    private const int Lanes = 3;
    private const int Seed = 20251114;

    private static readonly int Repetitions = FullRun.IsOn ? 200 : 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(1);

    private LagServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        RcloneMount.SkipUnlessPossible();
        _server = await LagServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Start_AroundAFlipThatTheMountDoesNotShowYet_ServesOneVersionWholeAndNeverAMixture()
    {
        var results = await RunAsync(Repetitions, Lanes, LagPlan.Random, p => p.FallsBack ? ShortPatience : Patience);

        foreach (var result in results)
        {
            var what = result.ToString();
            result.Failure.Should().BeNull(what);
            result.WrongFiles.Should().Be(0, what);
            if (result.ServesOld)
            {
                (result.StartedBeforeTheFlip || result.Outcome == CacheOutcome.Fallback).Should().BeTrue(what);
            }
        }

        results.Should().Contain(r => r.ServesNew && !r.StartedBeforeTheFlip);
    }

    [Fact]
    public async Task Start_AroundAFlipWithoutTheWait_FailsAndNeverServesAMixture()
    {
        // The root is listed first and the folders last, so that the mount shows the new manifest while it does not show the version.
        var results = await RunAsync(
            3, lanes: 1, _ => new LagPlan(RootAt: 0, FoldersAt: 0.8, StartAt: 2, TimeSpan.Zero, FallsBack: false), _ => TimeSpan.Zero);

        results.Should().OnlyContain(r => r.WrongFiles == 0);
        results.Should().Contain(
            r => r.Failure != null && r.Failure.Contains(" is not complete: waited ", StringComparison.Ordinal), string.Join('\n', results));
    }

    private async Task<IReadOnlyCollection<LagResult>> RunAsync(int count, int lanes, Func<int, LagPlan> plan, Func<LagPlan, TimeSpan> patience)
    {
        // A repetition does not count whose mount had already forgotten the past at the flip, as it does when the publisher is slow.
        const int MostTries = 4;
        var results = new ConcurrentBag<LagResult>();
        var tries = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, lanes),
            new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = TestContext.Current.CancellationToken },
            async (number, _) =>
            {
                await using var lane = await LagLane.StartAsync(_server, number);
                while (results.Count < count)
                {
                    var seed = Seed + Interlocked.Increment(ref tries);
                    seed.Should().BeLessThan(Seed + (count * MostTries), "most repetitions prove that the mount shows the past first");
                    if (await lane.RunAsync(seed, plan(seed), patience(plan(seed))) is { } result)
                    {
                        results.Add(result);
                    }
                }
            });
        TestContext.Current.TestOutputHelper!.WriteLine($"{results.Count} of {tries}\n{string.Join('\n', results.OrderBy(r => r.Seed))}");
        return results;
    }
}
