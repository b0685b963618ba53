using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A mount that fails under an instance that serves.</summary>
public sealed class ReadyFaultTests(PublishedBucket published) : IClassFixture<PublishedBucket>
{
    private const string StopHost = "Mount:StopHostWhenDead";

    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Ready_DaemonKilled_TurnsHealthRedAndTellsWhy()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await StartAsync(mounted);

        await mounted.Mount.KillAsync();

        (await WaitUntilRedAsync(app)).Should().Be(MountMessages.Dead(mounted.Mount.Path, mounted.Mount.Path));
        app.Log.Should().NotContain(e => e.IsNoise);
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
    }

    [Fact]
    public async Task Ready_DaemonStopped_AnswersProbesTurnsRedAndGreenAgainWhenItContinues()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await StartAsync(mounted);

        mounted.Mount.Stop();
        var red = await WaitUntilRedAsync(app);
        await HealthProbes.ShouldBePromptAsync(app, h => h.Code == HttpStatusCode.ServiceUnavailable);
        mounted.Mount.Continue();

        red.Should().Be(MountMessages.Hangs(mounted.Mount.Path, mounted.Mount.Path));
        await app.WaitUntilReadyAsync();
        app.Log.Should().NotContain(e => e.IsNoise);
    }

    [Fact]
    public async Task Ready_DaemonKilledAndHostToBeStopped_Exits()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await StartAsync(mounted.With(StopHost, "true"));

        await mounted.Mount.KillAsync();

        await mounted.ShouldFailAsync(app, MountMessages.Dead(mounted.Mount.Path, mounted.Mount.Path));
    }

    [Fact]
    public async Task Ready_DaemonStoppedAndHostToBeStopped_ClosesThePortAndExits()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await StartAsync(mounted.With(StopHost, "true"));

        mounted.Mount.Stop();

        await mounted.ShouldFailWhileStoppedAsync(app, MountMessages.Hangs(mounted.Mount.Path, mounted.Mount.Path));
    }

    private static async Task<TabularProcess> StartAsync(MountedApp mounted)
    {
        var app = mounted.With("Mount:ProbeTimeout", ProbeTimeout).Start();
        await app.WaitUntilReadyAsync();
        return app;
    }

    private static async Task<string> WaitUntilRedAsync(TabularProcess app)
    {
        var red = await app.WaitForHealthAsync(h => h.Code == HttpStatusCode.ServiceUnavailable, "503 for a dead mount");
        red.Status.Should().Be("Unhealthy");
        return red.Reason;
    }
}
