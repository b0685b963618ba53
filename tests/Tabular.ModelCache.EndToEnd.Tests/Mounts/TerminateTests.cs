using System.Diagnostics;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>SIGTERM while the mount hangs. Cloud Run kills ten seconds later.</summary>
public sealed class TerminateTests(PublishedBucket published) : IClassFixture<PublishedBucket>
{
    private static readonly TimeSpan TimeToClose = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Terminate_MountHangsBeforeTheStart_ClosesThePortAndEndsWell()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        mounted.Mount.Stop();
        var app = mounted.Start();
        await app.WaitForStateAsync("checking_mount");

        await ShouldEndAsync(mounted, app);
    }

    [Fact]
    public async Task Terminate_MountHangsWhileVerifying_ClosesThePortAndEndsWell()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await mounted.StartVerifyingAsync();
        mounted.Mount.Stop();

        await ShouldEndAsync(mounted, app);
    }

    [Fact]
    public async Task Terminate_MountHangsAfterReady_ClosesThePortAndEndsWell()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = mounted.With("Mount:ProbeTimeout", TimeSpan.FromSeconds(1)).Start();
        await app.WaitUntilReadyAsync();
        mounted.Mount.Stop();
        await app.WaitForHealthAsync(h => h.Status == "Unhealthy", "503 for a dead mount");

        await ShouldEndAsync(mounted, app);
    }

    /// <summary>The process itself may have to wait for its request in the mount; what must not wait is everything that others see.</summary>
    private static async Task ShouldEndAsync(MountedApp mounted, TabularProcess app)
    {
        var watch = Stopwatch.StartNew();
        app.Send(Signal.Terminate);
        await Poll.ForAsync(async () => await app.IsListeningAsync() ? null : app, () => $"a closed port{app.Transcript}");
        watch.Elapsed.Should().BeLessThan(TimeToClose);

        await mounted.Mount.KillAsync();
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
        app.Log.Should().NotContain(e => e.IsNoise, app.Transcript);
    }
}
