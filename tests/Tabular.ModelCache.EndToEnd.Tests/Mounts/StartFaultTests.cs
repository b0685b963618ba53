using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A mount that is wrong before the instance starts.</summary>
public sealed class StartFaultTests(PublishedBucket published) : IClassFixture<PublishedBucket>
{
    [Fact]
    public async Task Start_NothingMountedOverTheImagesFolder_ExitsAndNamesWhatIsThere()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var empty = published.Bucket.NewFolder("image");
        mounted.Deployment.With("MODEL_CACHE_PATH", empty);
        var below = MountLine.Of(empty);

        await mounted.ShouldFailAsync(
            mounted.Start(),
            MountMessages.OtherType(empty, "fuse.rclone", $"nothing is mounted there (it lies on '{below.Point}' of type {below.Type})"));

        Directory.EnumerateFileSystemEntries(empty).Should().BeEmpty("nothing is written into the image");
    }

    [Fact]
    public async Task Start_AnotherFileSystemType_ExitsAndNamesBothTypes()
    {
        await using var mounted = await MountedApp.MountAsync(published);

        await mounted.ShouldFailAsync(
            mounted.With("Mount:AcceptedTypes:0", null).Start(),
            MountMessages.OtherType(mounted.Mount.Path, "fuse.gcsfuse", $"'remote:{CloudBucket.Name}' of type fuse.rclone is mounted there"));
    }

    [Fact]
    public async Task Start_AnotherBucketMounted_ExitsAndNamesBothBuckets()
    {
        await using var mounted = await MountedApp.MountAsync(published, bucket: "somebody-elses");

        var app = mounted.With("Mount:LagTimeout", TimeSpan.FromSeconds(2)).Start();

        var doubt = MountMessages.OtherBucket(mounted.Mount.Path, "remote:somebody-elses", CloudBucket.Name);
        await mounted.ShouldFailAsync(
            app, MountMessages.NotComplete(published, $"the folder {published.Folder} on the mount {mounted.Mount.Path}", doubt));
        app.Log.Should().ContainSingle(e => e.Level == "warn").Which.Message.Should().Be($"The mount may show another bucket: {doubt}.");
    }

    [Fact]
    public async Task Start_DaemonKilled_ExitsAndTellsThatTheMountIsDead()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        await mounted.Mount.KillAsync();

        await mounted.ShouldFailAsync(mounted.Start(), MountMessages.Dead(mounted.Mount.Path, mounted.Mount.Path));
    }

    [Fact]
    public async Task Start_DaemonStopped_AnswersProbesAndFailsAtTheDeadlineOfTheCheck()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        mounted.With("Mount:ProbeTimeout", TimeSpan.FromSeconds(8)).WithStartupDeadline(TimeSpan.FromSeconds(30));
        mounted.Mount.Stop();

        var app = mounted.Start();
        await HealthProbes.ShouldBePromptAsync(app, h => h.State is "starting" or "checking_mount");

        await mounted.ShouldFailWhileStoppedAsync(app, MountMessages.Hangs(mounted.Mount.Path, mounted.Mount.Path));
    }

    [Fact]
    public async Task Start_DaemonStopped_FailsAtTheDeadlineOfTheStart()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        mounted.WithStartupDeadline(TimeSpan.FromSeconds(3));
        mounted.Mount.Stop();

        var app = mounted.Start();

        await mounted.ShouldFailWhileStoppedAsync(
            app,
            $"The start did not finish within 00:00:03 (ModelCache:StartupDeadline); it was in the state CheckingMount, checking {mounted.Mount.Path}.");
    }

    [Fact]
    public async Task Start_ServerOfTheMountDown_ExitsAndTellsThatTheStoreBehindItDoesNotAnswer()
    {
        await using var mounted = await MountedApp.MountAsync(published);
        await mounted.Server.DisposeAsync();

        await mounted.ShouldFailAsync(mounted.Start(), MountMessages.InputOutput(mounted.Mount.Path, mounted.Mount.Path));
    }

    [Fact]
    public async Task Start_NoPermission_ExitsAndNamesTheRoleAndTheOwner()
    {
        await using var mounted = await MountedApp.MountAsync(
            published, new RcloneOptions { More = ["--default-permissions", "--file-perms", "0000", "--dir-perms", "0000"] });
        if (Environment.IsPrivilegedProcess)
        {
            // Root without capabilities is refused as anybody else is.
            Assert.SkipUnless(Tool.Exists("setpriv"), "setpriv is not installed.");
            mounted.Deployment.Launcher = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"];
        }

        await mounted.ShouldFailAsync(mounted.Start(), MountMessages.Refused(mounted.Mount.Path));
    }
}
