using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>The puller is killed half way, while others wait for it.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class TakeoverTests : IDisposable
{
    private const string Model = "llm";
    private const int KillAfter = 3;
    private const int Mebibyte = 1 << 20;

    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(10);

    // A waiter looks that often, with jitter up to twice that: one look may be needed to see the last renewal, and one to see the time pass.
    private static readonly TimeSpan LongestPoll = Ttl / 7.5 * 2;

    // For a machine that is busy with other builds.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly Deployment _deployment = new Deployment().WithModel(Model, "ollama").WithSetting("Lease:Ttl", $"{Ttl}");

    [Fact]
    public async Task Kill_PullerHalfWay_AWaiterGoesOnWhereItStopped()
    {
        // Four files go up at once, so that one of each kind is under way: in regions, in several chunks, in one request.
        ModelFiles.WriteOllama(
            _deployment.Source(Model), seed: 1,
            70 * Mebibyte, 66 * Mebibyte, 20 * Mebibyte, 18 * Mebibyte, 10 * Mebibyte, 8 * Mebibyte, 6 * Mebibyte, 5000, 300);
        await using var bucket = await CloudBucket.StartAsync();
        var deployment = bucket.Connect(_deployment);
        await using var puller = deployment.Start();
        var othersWait = new TaskCompletionSource();
        var killed = new TaskCompletionSource<long>();
        var uploads = 0;
        bucket.OnMutation = async request =>
        {
            if (StagedUpload.Of(request, Model) is null || request.Operation == "storage.objects.move" || killed.Task.IsCompleted)
            {
                return;
            }

            await othersWait.Task;
            if (Interlocked.Increment(ref uploads) == KillAfter)
            {
                puller.Send(Signal.Kill);
                killed.SetResult(Stopwatch.GetTimestamp());
            }
        };
        await puller.WaitForOutputAsync($"Acquired the lease of {Model}");
        await using var first = deployment.Start();
        await using var second = deployment.Start();
        TabularProcess[] others = [first, second];
        foreach (var other in others)
        {
            await other.WaitForHealthAsync(h => h.Reason.Contains("waiting for", StringComparison.Ordinal), "a wait for the holder of the lease");
        }

        othersWait.SetResult();
        var at = await killed.Task.WaitAsync(Poll.Deadline, TestContext.Current.CancellationToken);
        var taken = await Poll.ForAsync(
            () => Task.FromResult(others.SelectMany(o => o.Output).FirstOrDefault(l => l.Contains($"Acquired the lease of {Model}", StringComparison.Ordinal))),
            () => $"a successor{first.Transcript}{second.Transcript}");
        var takeover = Stopwatch.GetElapsedTime(at);
        await Task.WhenAll(others.Select(o => o.WaitUntilReadyAsync()));

        takeover.Should().BeLessThan(Ttl + (2 * LongestPoll) + Slack, taken);
        var staged = StagedUpload.Find(bucket.Requests, Model);
        var finished = staged.Count(u => u.Attempt.StartsWith("1-", StringComparison.Ordinal));
        finished.Should().BeGreaterThanOrEqualTo(KillAfter);
        staged.Select(u => u.Path).Should().OnlyHaveUniqueItems("a file that is there is not uploaded again")
            .And.HaveCount(ModelFiles.List(_deployment.Source(Model)).Count);
        await ShouldBeRightAsync(bucket, others);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Killed after {finished} of {staged.Count} files; taken over after {takeover.TotalSeconds:0.0} s (time to live {Ttl.TotalSeconds} s), " +
            $"all ready after {Stopwatch.GetElapsedTime(at).TotalSeconds:0.0} s."));
    }

    public void Dispose() => _deployment.Dispose();

    private async Task ShouldBeRightAsync(CloudBucket bucket, TabularProcess[] apps)
    {
        var outcomes = apps.SelectMany(a => a.Output).Where(l => l.Contains($"Model {Model} is verified: ", StringComparison.Ordinal)).ToList();
        outcomes.Should().ContainSingle(l => l.Contains("cache_hit=false outcome=pulled", StringComparison.Ordinal))
            .And.ContainSingle(l => l.Contains("cache_hit=true outcome=waited", StringComparison.Ordinal)).And.HaveCount(2);
        bucket.Flips.Should().ContainSingle();
        var manifest = await bucket.ReadManifestAsync();
        ModelFiles.ShouldBeEqual(Path.Join(bucket.Folder, manifest.Folders[Model]), _deployment.Source(Model));
        (await bucket.ListAsync(".tmp/")).Should().BeEmpty("the successor clears what it took over");
        apps.SelectMany(a => a.Log).Should().NotContain(e => e.IsNoise);
    }
}
