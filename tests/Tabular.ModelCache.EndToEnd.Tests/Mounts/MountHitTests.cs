using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>The good case: a published bucket behind a real mount.</summary>
public sealed class MountHitTests(PublishedBucket published) : IClassFixture<PublishedBucket>
{
    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    [InlineData("Content")]
    public async Task Start_MountOfAPublishedBucket_HitsChangesNothingAndServesEveryByte(string level)
    {
        await using var mounted = await MountedApp.MountAsync(published);
        var seen = published.Bucket.Requests.Count;

        var app = mounted.With("Verification", level).Start();
        var health = await app.WaitUntilReadyAsync();

        health.CacheHit.Should().BeTrue();
        await app.WaitForOutputAsync("The gate is open: cache_hit=true outcome=hit");
        app.Log.Should().NotContain(e => e.IsNoise || e.Level == "warn", app.Transcript);
        var served = (await app.GetModelsAsync()).Should().ContainSingle().Subject;
        served.Path.Should().Be(Path.Join(mounted.Mount.Path, published.Folder));
        ModelFiles.ShouldBeEqual(served.Path, published.Deployment.Source(PublishedBucket.Model));
        published.Bucket.Requests.Skip(seen).Should().NotContain(r => r.Mutated);
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
    }
}
