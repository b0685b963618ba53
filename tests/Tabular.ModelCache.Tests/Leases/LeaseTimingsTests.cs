using Tabular.ModelCache.Leases;

namespace Tabular.ModelCache.Tests.Leases;

public sealed class LeaseTimingsTests
{
    [Fact]
    public void Timings_ThirtySeconds_AreThoseOfTheProtocol()
    {
        var timings = new LeaseTimings(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200));

        timings.Ttl.Should().Be(TimeSpan.FromSeconds(30));
        timings.HoldFor.Should().Be(TimeSpan.FromSeconds(20));
        timings.RenewEvery.Should().Be(TimeSpan.FromSeconds(7.5));
        timings.CallTimeout.Should().Be(TimeSpan.FromSeconds(5));
        timings.ElectionSlot.Should().Be(TimeSpan.FromMilliseconds(200));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(7.5, 1)]
    [InlineData(15, 2)]
    [InlineData(30, 4)]
    [InlineData(600, 4)]
    public void PollEvery_AnyTtl_IsASharePlacedBetweenOneAndFourSeconds(double ttl, double pollEvery) =>
        new LeaseTimings(TimeSpan.FromSeconds(ttl), TimeSpan.Zero).PollEvery.Should().Be(TimeSpan.FromSeconds(pollEvery));
}
