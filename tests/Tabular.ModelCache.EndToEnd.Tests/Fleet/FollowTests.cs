using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>Running instances while syncs publish: those that follow updates go on, through mounts that lag, and the others stay.</summary>
public sealed class FollowTests : IDisposable
{
    private const string Model = "llm";

    private readonly Deployment _deployment = new Deployment().WithModel(Model, "ollama").WithSetting("Mount:ProbeInterval", "00:00:01");

    [Fact]
    public async Task Sync_WhileInstancesRun_TheyFollowWhereWantedAndStayOnTheLastGoodVersion()
    {
        await using var bucket = await CloudBucket.StartAsync();
        await using var mount = new LaggingMount(bucket, "mount", seed: 1, TimeSpan.FromSeconds(3));
        await PublishAsync(bucket, seed: 1);
        await using var follower = bucket.Connect(_deployment, mount.Folder).WithSetting("FollowUpdates", "true").Start();
        await using var other = bucket.Connect(_deployment).WithSetting("FollowUpdates", null).Start();
        await follower.WaitUntilReadyAsync();
        await other.WaitUntilReadyAsync();
        var first = await bucket.ReadManifestAsync();

        var second = await PublishAsync(bucket, seed: 2);
        await ShouldServeAsync(follower, second, mount.Folder, "Healthy");
        ModelFiles.ShouldBeEqual(Path.Join(mount.Folder, second.Folders[Model]), _deployment.Source(Model));
        await other.WaitForOutputAsync($"The manifest has {second.Active[Model]} of {Model} active");
        await ShouldServeAsync(other, first, bucket.Folder, "Healthy");

        // Nobody tells the publisher: it has looked at the folder already.
        bucket.OnMutation = request =>
        {
            if (request.ObjectName!.EndsWith("/.done", StringComparison.Ordinal))
            {
                var folder = Path.GetDirectoryName(Path.Join(bucket.Folder, request.ObjectName))!;
                using var file = File.OpenWrite(Directory.EnumerateFiles(Path.Join(folder, "blobs")).First());
                file.SetLength(file.Length - 1);
            }

            return Task.CompletedTask;
        };
        var damaged = await PublishAsync(bucket, seed: 3);
        await follower.WaitForStateAsync("degraded");
        await ShouldServeAsync(follower, second, mount.Folder, "Degraded");
        (await follower.GetHealthAsync()).Reason.Should().ContainAll(damaged.Active[Model], second.Active[Model], "is not what was published");

        bucket.OnMutation = _ => Task.CompletedTask;
        var last = await PublishAsync(bucket, seed: 4);
        await ShouldServeAsync(follower, last, mount.Folder, "Healthy");

        follower.Output.Where(l => l.Contains("from now on", StringComparison.Ordinal)).Should().HaveCount(2).And.NotContain(l => l.Contains("cache_hit", StringComparison.Ordinal));
        follower.Output.Where(l => l.Contains("cache_hit=true", StringComparison.Ordinal)).Should().HaveCount(2, "one line for the model and one for the gate");
        follower.Log.Where(e => e.Level == "warn").Should().ContainSingle().Which.Message.Should().Contain(damaged.Active[Model]);
        follower.Log.Concat(other.Log).Should().NotContain(e => e.IsNoise);
        (await follower.GetModelsAsync()).Single().CacheHit.Should().BeTrue();
    }

    public void Dispose() => _deployment.Dispose();

    private async Task<ManifestView> PublishAsync(CloudBucket bucket, int seed)
    {
        ModelFiles.WriteOllama(_deployment.Source(Model), seed, 2 << 20, 70_000, 300);
        var sync = await bucket.Connect(_deployment).RunCommandAsync("sync");
        sync.ExitCode.Should().Be(0, sync.Error);
        return await bucket.ReadManifestAsync();
    }

    private static async Task ShouldServeAsync(TabularProcess app, ManifestView manifest, string mount, string status)
    {
        await Poll.ForAsync(
            async () => (await app.GetModelsAsync()).Single() is var served && served.Version == manifest.Active[Model] ? served : null,
            () => $"{manifest.Active[Model]}{app.Transcript}");
        var served = (await app.GetModelsAsync()).Single();
        served.Path.Should().Be(Path.Join(mount, manifest.Folders[Model]));
        manifest.Files.Where(f => f.Name.StartsWith(manifest.Folders[Model] + "/", StringComparison.Ordinal)).Should().NotBeEmpty()
            .And.AllSatisfy(f => f.ShouldBeShownBy(mount));
        var health = await app.WaitForHealthAsync(h => h.Status == status, status);
        health.Code.Should().Be(HttpStatusCode.OK);
        health.CacheHit.Should().BeTrue();
    }
}
