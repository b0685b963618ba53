using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class ConcurrentTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(10, 3, 3)]
    [InlineData(2, 5, 2)]
    [InlineData(0, 5, 0)]
    public async Task ForEach_ManyItems_RunsEachOnceAndNeverMoreAtATime(int count, int most, int expected)
    {
        var (running, peak) = (0, 0);
        var done = new List<int>();
        var turns = new SemaphoreSlim(0);
        var all = Concurrent.ForEachAsync(
            Enumerable.Range(0, count),
            most,
            async (item, token) =>
            {
                peak = Math.Max(peak, Interlocked.Increment(ref running));
                await turns.WaitAsync(token);
                Interlocked.Decrement(ref running);
                lock (done)
                {
                    done.Add(item);
                }
            },
            CancellationToken.None);

        running.Should().Be(expected, "nothing waits for a thread to start");
        for (var i = 0; i < count; i++)
        {
            turns.Release();
        }

        await all.WaitAsync(Deadline);
        peak.Should().Be(expected);
        done.Should().BeEquivalentTo(Enumerable.Range(0, count));
    }

    [Fact]
    public async Task ForEach_OneFails_CancelsTheOthersStartsNoMoreAndThrowsTheFirst()
    {
        var started = new List<int>();
        var cancelled = 0;

        var all = Concurrent.ForEachAsync(
            Enumerable.Range(0, 10),
            2,
            async (item, token) =>
            {
                started.Add(item);
                if (item == 1)
                {
                    throw new InvalidOperationException("first");
                }

                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
                catch (OperationCanceledException)
                {
                    cancelled++;
                    throw new InvalidOperationException("second");
                }
            },
            CancellationToken.None);

        (await all.Invoking(a => a.WaitAsync(Deadline)).Should().ThrowAsync<InvalidOperationException>()).WithMessage("first");
        cancelled.Should().Be(1);
        started.Should().Equal(0, 1);
    }

    [Fact]
    public async Task ForEach_CancelledBeforeOrBetween_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var runs = 0;

        var all = () => Concurrent.ForEachAsync(
            [1, 2, 3],
            1,
            (_, _) =>
            {
                runs++;
                cancel.Cancel();
                return Task.CompletedTask;
            },
            cancel.Token);

        await all.Should().ThrowAsync<OperationCanceledException>();
        runs.Should().Be(1);
        await all.Should().ThrowAsync<OperationCanceledException>();
        runs.Should().Be(1);
    }
}
