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
        // A repetition does not count whose mount had already forgotten the past at the flip, as it does when the publisher is slow.
        var results = await RunAsync(
            r => r.Count >= Repetitions, mostTries: Repetitions * 4, Lanes, LagPlan.Random, p => p.FallsBack ? ShortPatience : Patience);

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
        if (FullRun.IsOn)
        {
            results.Should().Contain(r => r.Outcome == CacheOutcome.Fallback);
        }
    }

    [Fact]
    public async Task Start_AfterAFlipWithoutTheWait_FailsOrFallsBackAndNeverServesAMixture()
    {
        static bool HasFailed(LagResult result) =>
            result.Failure?.Contains(" is not complete: waited ", StringComparison.Ordinal) == true;
        static bool HasFallenBack(LagResult result) => result.Outcome == CacheOutcome.Fallback;

        // Both come at once unless the machine is so busy that the mount has forgotten the folders too.
        var results = await RunAsync(
            r => r.Any(HasFailed) && r.Any(HasFallenBack),
            mostTries: 20,
            lanes: 1,
            seed => new LagPlan(RootAt: 0, LagPlan.LongestLead, FoldersAt: 0.8, StartAt: 2, TimeSpan.Zero, FallsBack: seed % 2 == 0),
            _ => TimeSpan.Zero);

        results.Should().AllSatisfy(r =>
        {
            r.WrongFiles.Should().Be(0, r.ToString());
            (r.Failure is null || HasFailed(r)).Should().BeTrue(r.ToString());
        });
    }

    private async Task<IReadOnlyCollection<LagResult>> RunAsync(
        Func<IReadOnlyCollection<LagResult>, bool> isEnough, int mostTries, int lanes, Func<int, LagPlan> plan, Func<LagPlan, TimeSpan> patience)
    {
        var results = new ConcurrentBag<LagResult>();
        var tries = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, lanes),
            new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = TestContext.Current.CancellationToken },
            async (index, _) =>
            {
                await using var lane = await LagLane.StartAsync(_server, index);
                while (!isEnough(results))
                {
                    var number = Interlocked.Increment(ref tries);
                    number.Should().BeLessThanOrEqualTo(mostTries, $"this is enough to see everything; seen was\n{string.Join('\n', results)}");
                    if (await lane.RunAsync(Seed + number, plan(Seed + number), patience(plan(Seed + number))) is { } result)
                    {
                        results.Add(result);
                    }
                }
            });
        TestContext.Current.TestOutputHelper!.WriteLine($"{results.Count} of {tries}\n{string.Join('\n', results.OrderBy(r => r.Seed))}");
        return results;
    }
}
