using Tabular.ModelCache.Leases;

namespace Tabular.ModelCache.Tests.Leases;

public sealed class LeaseMomentTests
{
    [Theory]
    [InlineData(10, 10, 10)]
    [InlineData(10, 5, 10)]
    [InlineData(10, 12, 10)]
    [InlineData(10, 12.1, 12.1)]
    [InlineData(1, 3600, 3600)]
    public void Elapsed_ClocksThatDisagree_GoesByTheWallClockOnlyWhereItRanAhead(double monotonic, double wall, double expected)
    {
        var clock = new TwoClocks();
        var moment = LeaseMoment.Now(clock);

        clock.Run(TimeSpan.FromSeconds(monotonic), TimeSpan.FromSeconds(wall));

        moment.Elapsed(clock).Should().Be(TimeSpan.FromSeconds(expected));
    }

    /// <summary>A monotonic clock that stands still while the machine is suspended, and a wall clock that does not.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        private long _ticks = 1000;
        private DateTimeOffset _utc = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => _utc;

        public void Run(TimeSpan monotonic, TimeSpan wall)
        {
            _ticks += monotonic.Ticks;
            _utc += wall;
        }
    }
}
