using System.Diagnostics;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Fleet;

/// <summary>Many instances start at once on an empty bucket that fails now and then, behind a mount that lags.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class CrowdTests : IDisposable
{
    private const int Processes = 24;
    private const int Seed = 20251114;

    private static readonly string[] Models = ["llm", "embedder"];
    private static readonly int Rounds = FullRun.IsOn ? 20 : 1;

    // Longer than the deadline of a start: whoever is not ready by then has said why.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(240);

    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithModel("embedder", "ollama");

    [Fact]
    public async Task Start_ManyAtOnceOnAnEmptyBucketWithFaults_EachModelIsPulledOnce()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 3 << 20, 1 << 20, 70_000, 300);
        ModelFiles.WriteOllama(_deployment.Source("embedder"), seed: 2, 2 << 20, 5000);
        for (var round = 0; round < Rounds; round++)
        {
            TestContext.Current.TestOutputHelper!.WriteLine(await RunAsync(Seed + round));
        }
    }

    public void Dispose() => _deployment.Dispose();

    private async Task<string> RunAsync(int seed)
    {
        var watch = Stopwatch.StartNew();
        await using var bucket = await CloudBucket.StartAsync();
        await using var mount = new LaggingMount(bucket, "mount", seed, TimeSpan.FromSeconds(3));
        var faults = new RandomFaults(seed);
        bucket.Fault = faults.Next;
        var deployment = bucket.Connect(_deployment.Copy(), mount.Folder);
        var apps = Enumerable.Range(0, Processes).Select(_ => deployment.Start()).ToList();
        try
        {
            await Task.WhenAll(apps.Select(a => a.WaitForOutputAsync("The gate is open", Deadline)));

            ShouldHavePulledOnce(bucket, apps, $"seed {seed}");
            await ShouldServeWhatWasPublishedAsync(bucket, mount, apps);
            return $"seed {seed}: {Processes} ready after {watch.Elapsed.TotalSeconds:0} s, {bucket.Requests.Count} requests, " +
                $"{faults.Injected} faults, manifest {(await bucket.ReadManifestAsync()).Sequence}";
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }

    private static void ShouldHavePulledOnce(CloudBucket bucket, List<TabularProcess> apps, string because)
    {
        foreach (var model in Models)
        {
            var lines = apps.SelectMany(a => a.Output).Where(l => l.Contains($"Model {model} is verified: ", StringComparison.Ordinal)).ToList();
            lines.Should().HaveCount(Processes, because);
            lines.Count(l => l.Contains("cache_hit=false", StringComparison.Ordinal)).Should().Be(1, because);
            lines.Count(l => l.Contains("cache_hit=true", StringComparison.Ordinal)).Should().Be(Processes - 1, because);

            // What took effect, whether or not its answer was lost.
            var uploads = StagedUpload.Find(bucket.Requests, model);
            uploads.Select(u => u.Path).Should().OnlyHaveUniqueItems(because);
            uploads.Select(u => u.Attempt).Distinct().Should().ContainSingle(because);
        }

        bucket.Requests.Count(r => r.Mutated && r.Request.ObjectName == "manifest.json").Should().Be(Models.Length, because);
        apps.SelectMany(a => a.Log).Should().NotContain(e => e.IsNoise, because);
    }

    private async Task ShouldServeWhatWasPublishedAsync(CloudBucket bucket, LaggingMount mount, List<TabularProcess> apps)
    {
        var manifest = await bucket.ReadManifestAsync();
        manifest.Sequence.Should().Be(Models.Length);
        manifest.Active.Keys.Should().BeEquivalentTo(Models);
        foreach (var app in apps)
        {
            (await app.GetHealthAsync()).State.Should().Be("ready");
            (await app.GetModelsAsync()).Should().OnlyContain(m => m.Version == manifest.Active[m.Name]);
        }

        manifest.Files.Should().AllSatisfy(f => f.ShouldBeShownBy(mount.Folder));
        foreach (var model in Models)
        {
            ModelFiles.ShouldBeEqual(Path.Join(mount.Folder, manifest.Folders[model]), _deployment.Source(model));
        }
    }
}
