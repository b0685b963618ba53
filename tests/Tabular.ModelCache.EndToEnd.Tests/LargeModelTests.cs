using System.Diagnostics;
using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>A model of the size that the service has.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class LargeModelTests(LargeModelFixture large) : IClassFixture<LargeModelFixture>
{
    private const long MemoryLimit = 256L << 20;
    private const long LeastBytes = 3_000_000_000;

    [Fact]
    public void Start_ThreeGigabytes_PublishesInBoundedMemory()
    {
        large.Working!.Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        large.Working.Body.GetProperty("progress").GetProperty("total_bytes").GetInt64().Should().BeGreaterThan(LeastBytes);
        large.Ready!.CacheHit.Should().BeFalse();
        large.Served!.Bytes.Should().BeGreaterThan(LeastBytes);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"peak memory {large.PeakAfterPublishing >> 20} MiB after publishing, {large.PeakAfterWarmUp >> 20} MiB after warming up; {large.WarmUp}");
        large.PeakAfterPublishing.Should().BeLessThan(MemoryLimit);
        ModelFiles.ShouldBeEqual(large.Served.Path, large.Deployment.Source("embedder"));
    }

    [Fact]
    public void WarmUp_ThreeGigabytes_ReadsAllBytesInBoundedMemory()
    {
        var result = large.WarmUp.EnumerateArray().Should().ContainSingle().Subject;

        result.GetProperty("name").GetString().Should().Be("embedder");
        result.GetProperty("cache_hit").GetBoolean().Should().BeFalse();
        result.GetProperty("seconds").GetDouble().Should().BePositive();
        result.GetProperty("bytes").GetInt64().Should().Be(
            Directory.EnumerateFiles(large.Served!.Path, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length));
        large.PeakAfterWarmUp.Should().BeLessThan(MemoryLimit);
    }

    [Fact]
    public async Task Start_ThreeGigabytesAtLevelContent_VerifiesInBoundedMemory()
    {
        await using var app = large.Deployment.Copy().WithSetting("Verification", "Content").Start();

        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();

        app.PeakMemoryBytes.Should().BeLessThan(MemoryLimit);
    }

    [Fact]
    public async Task Terminate_WhileVerifyingThreeGigabytes_Exits()
    {
        await using var app = large.Deployment.Copy().WithSetting("Verification", "Content").Start();

        // A machine with many cores may be done before it is asked.
        await app.WaitForHealthAsync(h => h.State is "verifying" or "ready", "verifying");

        var watch = Stopwatch.StartNew();
        app.Send(Signal.Terminate);
        var exitCode = await app.WaitForExitAsync();

        exitCode.Should().Be(0, app.Transcript);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(8));
        app.Log.Should().NotContain(e => e.IsNoise);
    }
}
