using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Leases;

public sealed class ElectionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public void ChooseSlot_AnyCrowd_HasFewContendersInTheFirstChosenSlot(int crowd)
    {
        var random = new Random(crowd);
        var contenders = Enumerable.Range(0, Math.Max(20, 20_000 / crowd)).Average(_ =>
        {
            var slots = Enumerable.Range(0, crowd).Select(_ => Election.ChooseSlot(random.NextDouble())).ToList();
            return slots.Count(s => s == slots.Min());
        });

        contenders.Should().BeLessThan(5);
    }

    [Fact]
    public void ChooseSlot_Uniform_ChoosesEachSlotBySeventhRootOfTenThousandMoreOftenThanTheOneBefore()
    {
        const int Draws = 1_000_000;
        Election.ChooseSlot(0).Should().Be(0);
        var counts = Enumerable.Range(0, Draws).Select(i => Election.ChooseSlot((double)i / Draws)).CountBy(slot => slot).OrderBy(c => c.Key).ToList();

        counts.Select(c => c.Key).Should().Equal(Enumerable.Range(0, Election.Slots));
        counts.Zip(counts.Skip(1), (one, next) => (double)next.Value / one.Value).Should()
            .AllSatisfy(ratio => ratio.Should().BeApproximately(Math.Pow(10_000, 1.0 / 7), 0.2));
    }

    [Fact]
    public async Task TryAcquire_AThousandAtOnce_CreateOnlyAFewTimes()
    {
        var clock = new FakeTimeProvider();
        var log = new FaultInjectingObjectStore(new InMemoryObjectStore(clock));
        var random = new Random(7);
        var leases = new List<Lease>();
        var waiting = Enumerable.Range(0, 1000)
            .Select(_ => (
                Candidate: new LeaseManager(
                    log, new LeaseTimings(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200)), clock, random, NullLogger<LeaseManager>.Instance)
                    .CreateCandidate("m"),
                At: clock.GetUtcNow()))
            .ToList();

        for (var tick = 0; tick < 20; tick++)
        {
            for (var i = 0; i < waiting.Count; i++)
            {
                if (waiting[i].At <= clock.GetUtcNow())
                {
                    if (await waiting[i].Candidate.TryAcquireAsync(0, default) is { } lease)
                    {
                        leases.Add(lease);
                    }

                    waiting[i] = (waiting[i].Candidate, clock.GetUtcNow() + waiting[i].Candidate.NextTry);
                }
            }

            clock.Run(TimeSpan.FromMilliseconds(200));
        }

        leases.Should().ContainSingle();
        log.GetSnapshot().Count(o => o.Kind == StoreOperationKind.Write).Should().BeLessThan(5);
        await leases[0].DisposeAsync();
    }
}
