using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Operations;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>The rows of the design's table of failures, each injected, observed and cured; samples/Tabular/docs/FAILURES.md names the tests.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class FailureTableTests : IDisposable
{
    private const string Model = "llm";
    private const string Account = "tabular@acme-prod.iam.gserviceaccount.com";
    private const int Failed = 70;

    private readonly Deployment _deployment = new Deployment()
        .WithModel(Model, "ollama").WithSetting("StartupDeadline", "00:00:30").WithSetting("Lease:Ttl", "00:00:04");

    public FailureTableTests() => WriteSource(seed: 1);

    [Fact]
    public async Task BucketUnavailable_StartExitsEarlyAndTheNextOneHits()
    {
        await using var bucket = await PublishAsync();
        bucket.Fault = _ => CloudStorageFault.Error(503);

        var line = await FailStartAsync(bucket.Connect(_deployment).WithSetting("StartupDeadline", "00:00:08"));
        line.Should().Contain($"gs://{CloudBucket.Name}");

        bucket.Fault = _ => null;
        await ShouldHitAsync(bucket, seed: 1);
    }

    [Fact]
    public async Task ManifestIsAheadOfTheFiles_StartWaitsForTheDoneFileAndHits()
    {
        await using var bucket = await PublishAsync();
        var folder = Path.Join(bucket.Folder, (await bucket.ReadManifestAsync()).Folders[Model]);
        var mount = bucket.NewFolder("mount");
        Show(bucket.Folder, mount, except: ".done");

        await using var app = bucket.Connect(_deployment, mount).WithSetting("Mount:LagTimeout", "00:00:25").Start();
        var waiting = await app.WaitForStateAsync("waiting_for_mount");
        waiting.Code.Should().Be(HttpStatusCode.ServiceUnavailable);
        waiting.Reason.Should().Contain(".done");

        File.Copy(Path.Join(folder, ".done"), Path.Join(mount, Path.GetRelativePath(bucket.Folder, folder), ".done"));
        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
    }

    [Fact]
    public async Task SyncIsKilledWhileItUploads_TheOldVersionIsServedAndTheNextSyncFinishes()
    {
        await using var bucket = await PublishAsync();
        var before = await bucket.ReadManifestAsync();
        WriteSource(seed: 2);
        using (var held = new HeldUpload(bucket, Model))
        {
            await using var sync = bucket.Connect(_deployment).Start("model-cache", "sync");
            await held.WaitAsync();
            sync.Send(Signal.Kill);
            await sync.WaitForExitAsync();
        }

        (await bucket.ListAsync($".tmp/{Model}/")).Should().NotBeEmpty("a part was uploaded");
        (await bucket.ReadManifestAsync()).Should().BeEquivalentTo(before, "the manifest flips only to what is complete");
        await using (var old = bucket.Connect(_deployment).WithSetting("PullWhenStale", "false").Start())
        {
            (await old.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
            (await old.GetModelsAsync()).Single().Version.Should().Be(before.Active[Model]);
        }

        (await bucket.Connect(_deployment).RunCommandAsync("sync")).ExitCode.Should().Be(0);
        (await bucket.ReadManifestAsync()).Active[Model].Should().NotBe(before.Active[Model]);
        (await bucket.ListAsync(".tmp/")).Should().BeEmpty();
        await ShouldHitAsync(bucket, seed: 2);
    }

    [Theory]
    [InlineData("storage.objects.get", "GET", "roles/storage.object", true)]
    [InlineData("storage.objects.create", "POST", "roles/storage.objectUser", false)]
    public async Task PermissionIsMissing_StartNamesAccountAndRoleAndTheNextOneServes(string permission, string method, string role, bool isPublished)
    {
        await using var bucket = isPublished ? await PublishAsync() : await CloudBucket.StartAsync();
        bucket.Fault = r => r.Method == method
            ? CloudStorageFault.Error(403, "forbidden", $"{Account} does not have {permission} access to the Google Cloud Storage object.")
            : null;

        var line = await FailStartAsync(bucket.Connect(_deployment));
        line.Should().ContainAll(Account, $"lacks {permission}", $"--member=serviceAccount:{Account} --role={role}");

        bucket.Fault = _ => null;
        await using var next = bucket.Connect(_deployment).Start();
        (await next.WaitUntilReadyAsync()).CacheHit.Should().Be(isPublished);
    }

    public void Dispose() => _deployment.Dispose();

    private async Task<CloudBucket> PublishAsync()
    {
        var bucket = await CloudBucket.StartAsync();
        (await bucket.Connect(_deployment).RunCommandAsync("sync")).ExitCode.Should().Be(0);
        return bucket;
    }

    private static async Task<string> FailStartAsync(Deployment deployment)
    {
        await using var app = deployment.Start();
        (await app.WaitForExitAsync()).Should().Be(Failed, app.Transcript);
        app.Log.Should().NotContain(e => e.Level == "fail", app.Transcript);
        var line = app.Log.Where(e => e.Level == "crit").Should().ContainSingle(app.Transcript).Which.Message;
        line.Should().NotContain("\n");
        TestContext.Current.TestOutputHelper!.WriteLine(line);
        return line;
    }

    private async Task ShouldHitAsync(CloudBucket bucket, int seed)
    {
        WriteSource(seed);
        await using var app = bucket.Connect(_deployment).WithSetting("StartupDeadline", "00:00:30").Start();
        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        ModelFiles.ShouldBeEqual((await app.GetModelsAsync()).Single().Path, _deployment.Source(Model));
    }

    private static void Show(string source, string target, string except)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != except))
        {
            var copy = Path.Join(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private void WriteSource(int seed) => ModelFiles.WriteOllama(_deployment.Source(Model), seed, 2 << 20, 70_000, 300);
}
