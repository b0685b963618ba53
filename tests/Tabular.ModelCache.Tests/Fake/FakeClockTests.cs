using Tabular.ModelCache.Configuration;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Fake;

public sealed class FakeClockTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeClock _clock = new();

    [Fact]
    public void Advance_SeveralTimers_FireInOrderEachAtItsTime()
    {
        var fired = new List<(string Name, double After)>();
        var start = _clock.GetTimestamp();
        ITimer Start(string name, double due, TimeSpan period) => _clock.CreateTimer(
            _ => fired.Add((name, Math.Round(_clock.GetElapsedTime(start).TotalSeconds / 100))), null, TimeSpan.FromSeconds(due), period);
        using var late = Start("late", 300, Timeout.InfiniteTimeSpan);
        using var early = Start("early", 100, Timeout.InfiniteTimeSpan);
        using var often = Start("often", 200, TimeSpan.FromSeconds(200));
        using var never = Start("never", 10_000, Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(450));

        fired.Should().Equal(("early", 1), ("often", 2), ("late", 3), ("often", 4));
    }

    [Fact]
    public async Task Advance_RenewedInTime_NeverRunsOut()
    {
        // What a lease does: a deadline that is moved by a loop whose waits end in the same advance.
        var isLost = false;
        using var deadline = _clock.CreateTimer(_ => isLost = true, null, Second * 10, Timeout.InfiniteTimeSpan);
        using var stop = new CancellationTokenSource();
        var renewing = RenewAsync();

        _clock.Advance(TimeSpan.FromHours(1));

        isLost.Should().BeFalse();
        await stop.CancelAsync();
        await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        async Task RenewAsync()
        {
            while (true)
            {
                await InlineWait.DelayAsync(Second * 3, _clock, stop.Token).ConfigureAwait(false);
                deadline.Change(Second * 10, Timeout.InfiniteTimeSpan);
            }
        }
    }

    [Fact]
    public async Task Wait_NobodyAdvances_EndsInTheSystemsTime()
    {
        var began = TimeProvider.System.GetTimestamp();

        await InlineWait.DelayAsync(TimeSpan.FromMilliseconds(30), _clock, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        TimeProvider.System.GetElapsedTime(began).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public void Timer_StoppedOrDisposedOf_DoesNotFire()
    {
        var fired = 0;
        using var stopped = _clock.CreateTimer(_ => fired++, null, Second, Second);
        var disposed = _clock.CreateTimer(_ => fired++, null, Second, Second);
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan).Should().BeTrue();
        disposed.Dispose();

        _clock.Advance(TimeSpan.FromMinutes(1));

        fired.Should().Be(0);
        disposed.Change(Second, Second).Should().BeFalse();
    }

    public void Dispose() => _clock.Dispose();
}
