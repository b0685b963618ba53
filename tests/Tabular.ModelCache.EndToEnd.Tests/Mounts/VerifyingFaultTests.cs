namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A mount that fails while every byte is read through it.</summary>
public sealed class VerifyingFaultTests(PublishedBucket published) : IClassFixture<PublishedBucket>
{
    [Fact]
    public async Task Verifying_DaemonKilled_ExitsAndTellsThatTheMountIsDead()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await mounted.StartVerifyingAsync();

        await mounted.Mount.KillAsync();

        await mounted.ShouldFailAsync(app, MountMessages.Dead(mounted.Mount.Path, $"{mounted.Mount.Path}/{published.LargestFile.Name}"));
    }

    [Fact]
    public async Task Verifying_DaemonStopped_AnswersProbesAndFailsAtTheDeadlineOfTheStart()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await mounted.WithStartupDeadline(TimeSpan.FromSeconds(14)).StartVerifyingAsync();

        mounted.Mount.Stop();
        await HealthProbes.ShouldBePromptAsync(app, h => h.State == "verifying");

        await mounted.ShouldFailWhileStoppedAsync(
            app,
            "The start did not finish within 00:00:14 (ModelCache:StartupDeadline); it was in the state Verifying, " +
            $"verifying {published.Folder} at the level Content.");
    }

    [Fact]
    public async Task Verifying_DaemonStoppedAndContinued_BecomesReady()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await mounted.StartVerifyingAsync();

        mounted.Mount.Stop();
        await HealthProbes.ShouldBePromptAsync(app, h => h.State == "verifying");
        mounted.Server.SpeedUp();
        mounted.Mount.Continue();

        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
    }

    [Fact]
    public async Task Verifying_ServerOfTheMountDown_ExitsAndTellsThatTheStoreBehindItDoesNotAnswer()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var app = await mounted.StartVerifyingAsync();

        await mounted.Server.DisposeAsync();

        await mounted.ShouldFailAsync(app, MountMessages.InputOutput(mounted.Mount.Path, $"{mounted.Mount.Path}/{published.LargestFile.Name}"));
    }
}
