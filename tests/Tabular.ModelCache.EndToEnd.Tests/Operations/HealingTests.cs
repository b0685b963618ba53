using System.Globalization;
using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Operations;

/// <summary>A blob of the active version is deleted by hand; the next sync makes the model servable again.</summary>
public sealed class HealingTests
{
    [Fact]
    public async Task Sync_BlobWasDeletedByHand_HealsItAndRunningReadersKeepTheirFolder()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        await bucket.PublishAsync(1);
        bucket.Deployment.WithSetting("Mount:ProbeInterval", "00:00:01");
        await using var running = bucket.Deployment.Start();
        await running.WaitUntilReadyAsync();
        var folder = $"ollama/{bucket.Versions[0]}/";
        var blob = (await bucket.Bucket.ListAsync(folder + "blobs/")).Values.MaxBy(o => o.Size)!;
        await bucket.Bucket.Store.DeleteAsync(blob.Name, cancellationToken: TestContext.Current.CancellationToken);
        var left = await bucket.Bucket.ListAsync(folder);
        (await bucket.RunAsync(70, "verify")).Output.Should().Contain(Path.GetFileName(blob.Name));

        var sync = (await bucket.RunAsync(0, "sync", "--json")).Json.GetProperty("models")[0];

        sync.GetProperty("action").GetString().Should().Be("healed");
        sync.GetProperty("bytesPulled").GetInt64().Should().Be(blob.Size, "the other files are copied on the server");
        var healed = sync.GetProperty("version").GetString()!;
        await bucket.RunAsync(0, "verify", "--level", "Content");
        foreach (var file in (await bucket.Bucket.ReadManifestAsync()).Files.Where(f => f.Name.Contains(healed, StringComparison.Ordinal)))
        {
            file.ShouldBeShownBy(bucket.Bucket.Folder);
        }

        (await bucket.Bucket.ListAsync(folder)).Should().BeEquivalentTo(left, "who still reads there is not disturbed before its grace period is over");
        var health = await running.GetHealthAsync();
        health.Code.Should().Be(HttpStatusCode.OK, health.ToString());
        await running.WaitForOutputAsync($"The manifest has {healed} of llm active");
        (await bucket.StartAndStopAsync()).Version.Should().Be(healed);
        (await bucket.RunAsync(0, "sync")).Output.Should().Contain("llm: unchanged " + healed);
        (await bucket.RunAsync(0, "status")).Output.Should().Contain("superseded");
    }

    [Fact]
    public async Task Sync_FiveVersions_LeavesThreeAndTheActiveOneAndTheDryRunSaysTheSame()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        bucket.Deployment.WithSetting("Retention:GracePeriod", "00:00:00").WithSetting("Retention:Keep", "10");
        await bucket.PublishAsync(5);
        await bucket.RunFlipAsync("rollback", "--model", OperatedBucket.Model, "--to", bucket.Versions[0]);
        bucket.Deployment.WithSetting("Retention:Keep", "3");
        var before = await bucket.Bucket.ListAsync();
        var seen = bucket.Bucket.Requests.Count;

        var told = (await bucket.RunAsync(0, "prune", "--dry-run", "--json")).Json.GetProperty("models");

        bucket.Bucket.Requests.Skip(seen).Should().NotContain(r => r.Mutated);
        (await bucket.Bucket.ListAsync()).Should().BeEquivalentTo(before);
        told[0].GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetString()).Should().Equal(bucket.Versions[1]);
        (await bucket.RunAsync(0, "prune", "--dry-run")).Output.Should().Contain($"llm: would remove {bucket.Versions[1]}");

        var done = (await bucket.RunAsync(0, "prune", "--json")).Json.GetProperty("models");

        done.GetRawText().Should().Be(told.GetRawText());
        Directory.GetDirectories(Path.Join(bucket.Bucket.Folder, "ollama")).Select(f => Path.GetFileName(f))
            .Should().BeEquivalentTo(bucket.Versions[0], bucket.Versions[2], bucket.Versions[3], bucket.Versions[4]);
        (await bucket.StartAndStopAsync()).Version.Should().Be(bucket.Versions[0]);
        (await bucket.RunAsync(0, "prune")).Output.Should().Contain("llm: nothing to remove");
    }

    [Fact]
    public async Task Unlock_DeadHolder_IsReleasedAndALiveOneIsNot()
    {
        await using var bucket = await OperatedBucket.StartAsync();
        bucket.Deployment.WithSetting("Lease:Ttl", "00:00:04");
        bucket.Change(1);
        using var upload = new HeldUpload(bucket.Bucket);
        await using var puller = bucket.Deployment.Start("model-cache", "sync");
        await upload.WaitAsync();

        var refused = await bucket.RunAsync(75, "unlock", "--model", OperatedBucket.Model);
        refused.Error.Should().Contain("is live").And.Contain(puller.Id.ToString(CultureInfo.InvariantCulture)).And.Contain("--force");
        puller.Send(Signal.Kill);
        await puller.WaitForExitAsync();
        upload.Release();
        var released = (await bucket.RunAsync(0, "unlock", "--model", OperatedBucket.Model, "--json")).Json;

        released.GetProperty("released").GetBoolean().Should().BeTrue();
        released.GetProperty("holder").GetString().Should().EndWith($"/{puller.Id}");
        (await bucket.Deployment.GetLeaseStateAsync(OperatedBucket.Model)).Should().Be("released");
        (await bucket.RunAsync(0, "unlock", "--model", OperatedBucket.Model, "--force")).Output.Should().Contain("nobody holds the lease");
        (await bucket.RunAsync(0, "sync", "--wait", "0")).Output.Should().Contain("llm: published");
    }
}
