using System.Diagnostics;
using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>SIGTERM in each state, and SIGSTOP.</summary>
public sealed class SignalTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    // Cloud Run kills ten seconds after SIGTERM.
    private static readonly TimeSpan TimeToExit = TimeSpan.FromSeconds(8);

    private readonly Deployment _deployment = new Deployment().WithModel("embedder", "sbert");

    [Fact]
    public async Task Terminate_WhileResolvingALargeSource_ExitsAndReleasesTheLease()
    {
        ModelFiles.WriteLargeSbert(_deployment.Source("embedder"), seed: 1, 4096L * Mebibyte);
        await using var app = _deployment.Start();
        await app.WaitForHealthAsync(h => h.State == "pulling" && h.Reason.Contains("resolving", StringComparison.Ordinal), "resolving");

        await TerminateAsync(app);

        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("released");
    }

    [Fact]
    public async Task Terminate_WhilePulling_ExitsAndReleasesTheLease()
    {
        ModelFiles.WriteLargeSbert(_deployment.Source("embedder"), seed: 1, 800L * Mebibyte);
        await using var app = _deployment.Start();
        var pulling = await app.WaitForHealthAsync(h => h.State == "pulling" && h.Progress > 0, "bytes that are being pulled");
        pulling.Code.Should().Be(HttpStatusCode.ServiceUnavailable);

        await TerminateAsync(app);

        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("released");
        File.Exists(_deployment.Manifest).Should().BeFalse();
    }

    [Fact]
    public async Task Terminate_WhileTheSourceHangs_ExitsAndReleasesTheLease()
    {
        await ModelFiles.WriteHangingSbertAsync(_deployment.Source("embedder"));
        await using var app = _deployment.Start();
        await app.WaitForStateAsync("pulling");

        await TerminateAsync(app);

        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("released");
    }

    [Fact]
    public async Task Terminate_WhileAnotherProcessHoldsTheLease_Exits()
    {
        await ModelFiles.WriteHangingSbertAsync(_deployment.Source("embedder"));
        await using var holder = _deployment.Start();
        await holder.WaitForStateAsync("pulling");
        await using var app = _deployment.Start();
        await app.WaitForHealthAsync(
            h => h.State == "acquiring_lease" && h.Reason.Contains("waiting for", StringComparison.Ordinal), "the wait for the lease");

        await TerminateAsync(app);

        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("held");
    }

    [Fact]
    public async Task Terminate_WhileWaitingForTheMount_Exits()
    {
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 1, 1000);
        await _deployment.PublishAsync();
        File.Delete(Directory.EnumerateFiles(_deployment.Mount, ".done", SearchOption.AllDirectories).Single());
        await using var app = _deployment.Start();
        await app.WaitForStateAsync("waiting_for_mount");

        await TerminateAsync(app);
    }

    [Fact]
    public async Task Terminate_Ready_Exits()
    {
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 1, 1000);
        await using var app = _deployment.Start();
        await app.WaitUntilReadyAsync();

        await TerminateAsync(app);

        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("released");
    }

    [Fact]
    public async Task Terminate_FailedAndStayingUnready_Exits()
    {
        await using var app = _deployment.WithSetting("FailureBehavior", "StayUnready").Start();
        var failed = await app.WaitForStateAsync("failed");
        failed.Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        failed.Reason.Should().Contain(_deployment.Source("embedder"));

        await TerminateAsync(app, noiseBefore: 1);
    }

    [Fact]
    public async Task Terminate_WhileTheSourceStopsSending_ExitsAndReleasesTheLease()
    {
        await ModelFiles.WriteHangingSbertAsync(_deployment.Source("embedder"));
        await using var app = _deployment.Start();
        await app.WaitForStateAsync("pulling");

        // The app can open the pipe now, and waits for a byte.
        using var writer = new FileStream(
            ModelFiles.Snapshot(_deployment.Source("embedder"), "model.safetensors"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        await TerminateAsync(app);

        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("released");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Terminate_SyncWhilePulling_EndsUnfinishedAndReleasesTheLease(bool byVariable)
    {
        await ModelFiles.WriteHangingSbertAsync(_deployment.Source("embedder"));
        var job = _deployment.Copy();
        await using var app = byVariable ? job.With("MODEL_SYNC_MODE", "1").Start() : job.Start("model-cache", "sync");
        await app.WaitForErrorAsync("Acquired the lease");

        var watch = Stopwatch.StartNew();
        app.Send(Signal.Terminate);
        var exitCode = await app.WaitForExitAsync();

        // The work is not done, and a job that says so is run again.
        exitCode.Should().Be(70, app.Transcript);
        watch.Elapsed.Should().BeLessThan(TimeToExit);
        app.Error.Should().Contain(l => l.Contains("run it again", StringComparison.Ordinal)).And.NotContain(l => l.Contains("Unhandled", StringComparison.Ordinal));
        (await _deployment.GetLeaseStateAsync("embedder")).Should().Be("released");
    }

    [Fact]
    public async Task Stop_Ready_HealthStaysGreenAfterwards()
    {
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 1, 1000);
        await using var app = _deployment.WithSetting("Mount:ProbeInterval", "00:00:01").WithSetting("Mount:ProbeTimeout", "00:00:00.5").Start();
        await app.WaitUntilReadyAsync();

        await StopForAsync(app, FullRun.IsOn ? 60 : 5);

        // Long enough for several probes, each of which could turn health red.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(4);)
        {
            var health = await app.GetHealthAsync();
            health.Code.Should().Be(HttpStatusCode.OK, health.ToString());
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        await TerminateAsync(app);
    }

    [Fact]
    public async Task Stop_HoldingTheLease_SuccessorPublishesAndTheFormerHolderConverges()
    {
        ModelFiles.WriteLargeSbert(_deployment.Source("embedder"), seed: 1, 300L * Mebibyte);
        _deployment.WithSetting("Lease:Ttl", "00:00:04");
        await using var former = _deployment.Start();
        await former.WaitForHealthAsync(h => h.State == "pulling" && h.Progress > 0, "bytes that are being pulled");
        await StopBetweenChangesAsync(former);

        await using var successor = _deployment.Start();
        (await successor.WaitUntilReadyAsync()).CacheHit.Should().BeFalse();
        former.Send(Signal.Continue);
        await former.WaitUntilReadyAsync();

        foreach (var app in new[] { former, successor })
        {
            var served = (await app.GetModelsAsync()).Should().ContainSingle().Subject;
            ModelFiles.ShouldBeEqual(served.Path, _deployment.Source("embedder"));
            await TerminateAsync(app);
        }

        Directory.GetDirectories(Path.Join(_deployment.Mount, "sbert")).Should().ContainSingle();
    }

    public void Dispose() => _deployment.Dispose();

    /// <summary>
    /// Stops a process while it has no lock on an object. A lock of a directory store is its process's until that ends: whoever is stopped
    /// in the midst of the renewal of its lease lets nobody else have it, which the others tell, and is not what is tested here.
    /// </summary>
    private async Task StopBetweenChangesAsync(TabularProcess app)
    {
        var locks = Path.Join(_deployment.Mount, ".store", "locks");
        await Poll.ForAsync(
            () =>
            {
                app.Pause();
                if (Directory.EnumerateFiles(locks).All(IsFree))
                {
                    return Task.FromResult<object?>(app);
                }

                app.Send(Signal.Continue);
                return Task.FromResult<object?>(null);
            },
            () => "a moment without a lock");
    }

    private static bool IsFree(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task TerminateAsync(TabularProcess app, int noiseBefore = 0)
    {
        var watch = Stopwatch.StartNew();
        app.Send(Signal.Terminate);
        var exitCode = await app.WaitForExitAsync();
        var elapsed = watch.Elapsed;

        exitCode.Should().Be(0, app.Transcript);
        elapsed.Should().BeLessThan(TimeToExit);
        app.Log.Count(e => e.IsNoise).Should().Be(noiseBefore, app.Transcript);
        app.Output.Concat(app.Error).Should().NotContain(l => l.Contains("Unhandled", StringComparison.Ordinal));
        app.Error.Should().BeEmpty();
    }

    private static async Task StopForAsync(TabularProcess app, int seconds)
    {
        app.Send(Signal.Stop);
        try
        {
            // A stopped process can be asked nothing: only time tells.
            await Task.Delay(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
        }
        finally
        {
            app.Send(Signal.Continue);
        }
    }
}
