using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>kill -9 half way through a large file: the next process goes on where the dead one stopped.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class RestartTests : IDisposable
{
    private const string Model = "model";

    // Four parts of 16 MiB are in memory at a time; what is in no part yet is lost with the process.
    private const long MostSentAgain = 64L << 20;

    // About 600 MB of weights each.
    private const double OllamaScale = 0.45;
    private const double HubScale = 0.265;

    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Kill_InTheMiddleOfAnOllamaBlob_TheNextProcessPullsTheRest()
    {
        await using var registry = await PullRegistry.StartAsync();
        var model = registry.Serve(OllamaModels.Llama32(OllamaScale));
        var files = ExpectedFolder.FilesOf(model).ToDictionary(ExpectedFolder.PathOf, StringComparer.Ordinal);

        await KillAndRestartAsync(
            registry, "ollama", registry.OllamaSource, model.Layers[0].File, files, ExpectedFolder.Of(model, registry.Authority));
    }

    [Fact]
    public async Task Kill_InTheMiddleOfAHubFile_TheNextProcessPullsTheRest()
    {
        await using var registry = await PullRegistry.StartAsync();
        var repository = HubModels.BgeM3(HubScale);
        var commit = registry.Serve(repository);

        // What Git itself keeps, some kilobytes, has no SHA-256 by which a staged file could be known again.
        var files = ExpectedFolder.ChooseForCpu(repository).Where(f => f.IsLfs).ToDictionary(f => ExpectedFolder.PathOf(commit, f), StringComparer.Ordinal);
        var large = files.Values.Single(f => f.Path == "pytorch_model.bin");

        await KillAndRestartAsync(registry, "sbert", PullRegistry.HubSource, large, files, ExpectedFolder.Of(repository, commit));
    }

    public void Dispose() => _deployment.Dispose();

    /// <param name="registry">Serves the model.</param>
    /// <param name="kind">The kind of the model.</param>
    /// <param name="source">The source of the model.</param>
    /// <param name="large">The file in whose middle the process is killed.</param>
    /// <param name="files">The files that are known by their SHA-256, by published path.</param>
    /// <param name="expected">All files of the published folder.</param>
    private async Task KillAndRestartAsync(
        PullRegistry registry,
        string kind,
        string source,
        GeneratedFile large,
        IReadOnlyDictionary<string, GeneratedFile> files,
        IReadOnlyDictionary<string, string> expected)
    {
        await using var bucket = await CloudBucket.StartAsync();
        var deployment = registry.Connect(bucket.Connect(_deployment)).WithModel(Model, kind, source);

        // The lease of a dead process ends as that process has said.
        var border = await PullHalfAsync(
            registry, bucket.Connect(deployment.Copy()).WithSetting("Lease:Ttl", "00:00:04"), large, () => FindFinished().Count > 0);

        var finished = FindFinished();
        finished.Should().NotBeEmpty().And.NotContain(large);
        await using var next = deployment.Start();
        (await next.WaitUntilReadyAsync()).CacheHit.Should().BeFalse();

        next.Log.Should().NotContain(e => e.IsNoise);
        ExpectedFolder.ShouldBe((await next.GetModelsAsync()).Single().Path, expected);
        var requests = registry.Requests;
        var sent = SentFile.Find(requests);
        foreach (var file in files.Values)
        {
            (sent[file.Path].Bytes - file.Size).Should().BeInRange(0, MostSentAgain, file.Path);
        }

        requests.Where(r => r.Request.Sequence > border).SelectMany(r => finished, (r, f) => (r.Request, File: f))
            .Should().NotContain(p => p.Request.File == p.File.Path || p.Request.Target.Contains(p.File.Sha256, StringComparison.Ordinal));
        var before = SentFile.Find(requests.Where(r => r.Request.Sequence <= border))[large.Path].Bytes;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"killed after {before >> 20} of {large.Size >> 20} MiB and {finished.Count} finished files; {(sent[large.Path].Bytes - large.Size) >> 20} MiB sent again"));

        List<GeneratedFile> FindFinished() =>
            [.. StagedUpload.Find(bucket.Requests, Model).Select(u => files.GetValueOrDefault(u.Path)).OfType<GeneratedFile>()];
    }

    /// <summary>Kills the process when it has half of the large file and, as a rule long before, one of the small ones.</summary>
    /// <returns>The number of the last request of the process that was killed.</returns>
    private static async Task<long> PullHalfAsync(
        PullRegistry registry, Deployment deployment, GeneratedFile large, Func<bool> hasSmallOne)
    {
        await using var victim = deployment.Start();
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sent = 0L;
        registry.OnRequest = record =>
        {
            if (SentFile.IsContent(record) && record.Request.File == large.Path && Interlocked.Add(ref sent, record.BytesSent) > large.Size / 2 &&
                hasSmallOne() && killed.TrySetResult())
            {
                victim.Send(Signal.Kill);
            }
        };
        var exited = victim.WaitForExitAsync();
        (await Task.WhenAny(killed.Task, exited)).Should().BeSameAs(killed.Task, victim.Transcript);
        await exited;
        registry.OnRequest = _ => { };
        return registry.Received;
    }
}
