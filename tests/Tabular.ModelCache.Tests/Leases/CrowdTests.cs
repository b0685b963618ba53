namespace Tabular.ModelCache.Tests.Leases;

/// <summary>How many requests a crowd makes that starts at once on an empty bucket; the numbers of docs/protocol.md.</summary>
public sealed class CrowdTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public async Task Start_CrowdOnAnEmptyBucket_KeepsToTheLimitsOfCloudStorage(int crowd)
    {
        var result = await SimulatedCrowd.RunAsync(crowd);

        output.WriteLine($"{result}.");
        result.Pulls.Should().Be(1);
        result.Unready.Should().Be(0);

        // In its first seconds a crowd of ten thousand that starts within five is above it by its first looks alone; the client retries 429.
        result.MostReadsWhileWaiting.Should().BeLessThan(SimulatedCrowd.ReadsPerSecond);
        result.MostReads.Should().BeLessThan(crowd < 10_000 ? SimulatedCrowd.ReadsPerSecond : 2 * SimulatedCrowd.ReadsPerSecond);
        result.MostChanges.Should().BeLessThan(5, "a few may try to create it, and then one renews it");
        result.LastReady.Should().BeLessThan(TimeSpan.FromSeconds(10), "a look is made every 4 to 8 seconds");
    }
}
