using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>
/// How many requests a crowd makes that starts at once on an empty bucket; the numbers of docs/protocol.md. Each instance asks for the
/// manifest's generation and the lease, as a start does, for the minute that the winner needs to pull.
/// </summary>
public sealed class CrowdTests(ITestOutputHelper output)
{
    // Google's published limits: 5,000 reads a second for a bucket at first, about one change a second of one object.
    private const int ReadsPerSecond = 5_000;

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public async Task Start_CrowdOnAnEmptyBucket_KeepsToTheLimitsOfCloudStorage(int crowd)
    {
        var clock = new FakeTimeProvider();
        var store = new FaultInjectingObjectStore(new InMemoryObjectStore(clock));
        var random = new Random(crowd);
        var due = new PriorityQueue<LeaseCandidate, TimeSpan>();
        var began = clock.GetTimestamp();
        for (var i = 0; i < crowd; i++)
        {
            var manager = new LeaseManager(
                store, new LeaseTimings(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200)), clock, random, NullLogger<LeaseManager>.Instance);

            // Nobody starts 10,000 processes in one instant; a platform takes some seconds.
            due.Enqueue(manager.CreateCandidate("m"), TimeSpan.FromSeconds(random.NextDouble() * 5));
        }

        var seconds = new List<(int Reads, int LeaseChanges)>();
        Lease? holder = null;
        while (clock.GetElapsedTime(began) < TimeSpan.FromSeconds(60))
        {
            var now = clock.GetElapsedTime(began);
            while (due.TryPeek(out var candidate, out var at) && at <= now)
            {
                due.Dequeue();
                await store.GetAsync(VersionFiles.Manifest);
                if (await candidate.TryAcquireAsync(0, default) is { } lease)
                {
                    holder.Should().BeNull();
                    holder = lease;
                    continue;
                }

                due.Enqueue(candidate, now + candidate.NextTry);
            }

            clock.Run(TimeSpan.FromMilliseconds(100));
            if ((int)clock.GetElapsedTime(began).TotalSeconds > seconds.Count)
            {
                var operations = store.GetSnapshot(clear: true);
                seconds.Add((operations.Count(o => !o.IsMutation), operations.Count(o => o.IsMutation)));
            }
        }

        output.WriteLine(
            $"{crowd} instances: at most {seconds.Max(s => s.Reads)} reads in a second, {seconds.Skip(10).Average(s => s.Reads):0} on average while waiting; " +
            $"at most {seconds.Max(s => s.LeaseChanges)} changes of the lease in a second, {seconds.Sum(s => s.LeaseChanges)} in the minute.");

        // In its first seconds a crowd of ten thousand that starts within five is above it by its first looks alone; the client retries 429.
        seconds.Skip(10).Max(s => s.Reads).Should().BeLessThan(ReadsPerSecond);
        seconds.Max(s => s.Reads).Should().BeLessThan(crowd < 10_000 ? ReadsPerSecond : 2 * ReadsPerSecond);
        seconds.Max(s => s.LeaseChanges).Should().BeLessThan(5, "a few may try to create it, and then one renews it");
        await holder!.DisposeAsync();
    }
}
