using Tabular.Children;
using Tabular.Sample.Tests.Support;

namespace Tabular.Sample.Tests.Children;

public sealed class ChildBackoffTests
{
    [Theory]
    [InlineData(0.0, 0.5)]
    [InlineData(1.0, 1.0)]
    public void Next_FailuresInARow_DoublesUpToTheBoundWithinTheJitter(double random, double part)
    {
        var backoff = new ChildBackoff(new ChildTimings(), new FixedRandom(random));

        Enumerable.Range(0, 8).Select(_ => backoff.Next(TimeSpan.Zero).TotalSeconds / part).Should().Equal(1, 2, 4, 8, 16, 30, 30, 30);
    }

    [Fact]
    public void Next_AfterALongRun_BeginsAnew()
    {
        var timings = new ChildTimings();
        var backoff = new ChildBackoff(timings, new FixedRandom(1));
        backoff.Next(TimeSpan.Zero);
        backoff.Next(timings.StableAfter - TimeSpan.FromTicks(1)).Should().Be(2 * timings.FirstDelay);

        backoff.Next(timings.StableAfter).Should().Be(timings.FirstDelay);
    }
}
