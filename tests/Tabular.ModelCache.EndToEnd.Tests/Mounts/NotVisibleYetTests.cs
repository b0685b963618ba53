using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>A version that is published and that the mount does not show, because it keeps what it saw before.</summary>
public sealed class NotVisibleYetTests : IAsyncLifetime
{
    private readonly PublishedBucket _published = new();
    private MountedApp _mounted = null!;

    public async ValueTask InitializeAsync()
    {
        await _published.StartAsync();
        _mounted = await MountedApp.MountAsync(_published, new RcloneOptions { DirectoryCacheTime = TimeSpan.FromHours(1) });
        (await MountView.ListAsync(_mounted.Mount.Path)).Should().BeEmpty();
        await _published.PublishAsync();
        (await MountView.ShowsAsync(Path.Join(_mounted.Mount.Path, _published.Folder, ".done"))).Should().BeFalse("the mount shows the past");
    }

    public async ValueTask DisposeAsync()
    {
        if (_mounted is not null)
        {
            await _mounted.DisposeAsync();
        }

        await _published.DisposeAsync();
    }

    [Fact]
    public async Task Start_VersionNotVisibleYet_WaitsForTheMountAndHits()
    {
        var app = _mounted.With("Mount:LagTimeout", TimeSpan.FromSeconds(60)).Start();
        var waiting = await app.WaitForStateAsync("waiting_for_mount");
        waiting.Reason.Should().Be($"waiting for {Awaited}");

        _mounted.Mount.Refresh();

        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        ModelFiles.ShouldBeEqual((await app.GetModelsAsync()).Single().Path, _published.Deployment.Source(PublishedBucket.Model));
        app.Log.Should().NotContain(e => e.IsNoise);
    }

    [Fact]
    public async Task Start_VersionNotVisibleWithinTheLimit_ExitsAndTellsWhatWasAwaited()
    {
        var app = _mounted.With("Mount:LagTimeout", TimeSpan.FromSeconds(2)).Start();

        await _mounted.ShouldFailAsync(app, MountMessages.NotComplete(
            _published,
            Awaited,
            "the mount shows no manifest.json: it shows the time before the first publish (lower its metadata-cache-ttl-secs below " +
            "ModelCache:Mount:LagTimeout), or another folder than ModelCache:Prefix names (only-dir)"));
    }

    [Fact]
    public async Task Start_ManifestReplacedSinceTheMountSawIt_WaitsForTheMountAndHits()
    {
        _mounted.Mount.Refresh();
        await MountView.ListAsync(_mounted.Mount.Path);
        await _published.ChangeAsync();

        // The mount asks for the manifest that it listed, which is no more, until it lists again.
        var app = _mounted.Start();
        await Poll.ForAsync(
            () => Task.FromResult(_mounted.Server.Requests.Count(r => r.Request.ObjectName == "manifest.json" && r.Status == 404) > 1 ? app : null),
            () => "reads of the manifest that is no more" + app.Transcript);
        _mounted.Mount.Refresh();

        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        (await app.GetModelsAsync()).Single().Version.Should().Be(_published.Version);
    }

    private string Awaited => $"the folder {_published.Folder} on the mount {_mounted.Mount.Path}";
}
