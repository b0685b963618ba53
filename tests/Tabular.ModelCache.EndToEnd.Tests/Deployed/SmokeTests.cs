using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Pull;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary><c>samples/Tabular/smoke</c> against instances of the published app.</summary>
[Collection(SharedPublish.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class SmokeTests(PublishedApp published) : IDisposable
{
    private const double Scale = 0.002;
    private const int Instances = 3;

    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Smoke_ThreeInstancesOnOneEmptyBucket_FindsNoDuplicateDownloadAndTheSourceHasSentEachByteOnce()
    {
        await using var bucket = await CloudBucket.StartAsync();
        await using var registry = await PullRegistry.StartAsync();
        var llm = registry.Serve(OllamaModels.Llama32(Scale));
        var embedder = HubModels.BgeM3(Scale);
        registry.Serve(embedder);
        var deployment = bucket.Connect(WithModels(registry));

        await using var fleet = await StartAsync(deployment);
        var first = await RunSmokeAsync([$"--instances={Instances}", "--warm-up", .. fleet.Urls]);

        first.ExitCode.Should().Be(0, first.Output + first.Error);
        first.Output.Should().Contain($"llama3.2-1b was downloaded by 1 of {Instances} instances: no duplicate")
            .And.Contain($"bge-m3 was downloaded by 1 of {Instances} instances: no duplicate");
        SentFile.ShouldAllBeSentOnce(registry.TakeRequests(), [.. ExpectedFolder.FilesOf(llm), .. ExpectedFolder.ChooseForCpu(embedder)]);
        TestContext.Current.TestOutputHelper!.WriteLine(first.Output);

        await using var next = await StartAsync(deployment);
        var version = (await bucket.ReadManifestAsync()).Active["bge-m3"];
        var second = await RunSmokeAsync(["--expect-hit", $"--version=bge-m3={version}", $"--instances={Instances}", .. next.Urls]);

        second.ExitCode.Should().Be(0, second.Output + second.Error);
        registry.Requests.Should().BeEmpty("a hit contacts no source");
    }

    [Fact]
    public async Task Smoke_InstancesThatDoNotShare_FindsTheDuplicateTheVersionAndTheMissingInstance()
    {
        await using var registry = await PullRegistry.StartAsync();
        registry.Serve(OllamaModels.Llama32(Scale));
        registry.Serve(HubModels.BgeM3(Scale));
        var deployment = WithModels(registry);
        await using var one = Start(deployment);
        await using var other = Start(deployment.CopyWithStore("other"));

        var result = await RunSmokeAsync(
            ["--version=bge-m3=another", "--instances=3", $"{await one.GetAddressAsync()}", $"{await other.GetAddressAsync()}"]);

        result.ExitCode.Should().Be(1, result.Output + result.Error);
        result.Output.Should().Contain("llama3.2-1b: expected at most 1 instances with cache_hit=false, found 2 of 2")
            .And.Contain("bge-m3: expected another, found bge-m3-").And.Contain("expected answers of 3 instances, found 2");
        (await RunSmokeAsync(["--wait=0", "http://127.0.0.1:9"])).ExitCode.Should().Be(1);
        (await RunSmokeAsync([])).ExitCode.Should().Be(64);
    }

    public void Dispose() => _deployment.Dispose();

    private static Task<CommandResult> RunSmokeAsync(string[] arguments)
    {
        Assert.SkipUnless(Tool.Exists("python3"), "python3 is not installed.");
        return Tool.RunAsync(Path.Join(SampleProgram.Sources, "smoke"), arguments);
    }

    private Deployment WithModels(PullRegistry registry) => registry.Connect(_deployment)
        .WithModel("llama3.2-1b", "ollama", registry.OllamaSource).WithModel("bge-m3", "sbert", PullRegistry.HubSource);

    private TabularProcess Start(Deployment deployment)
    {
        deployment.Program = published.Program;
        deployment.WorkingDirectory = published.Folder;
        return deployment.Start();
    }

    private async Task<SmokeFleet> StartAsync(Deployment deployment)
    {
        var apps = Enumerable.Range(0, Instances).Select(_ => Start(deployment)).ToList();
        return new SmokeFleet(apps, [.. (await Task.WhenAll(apps.Select(a => a.GetAddressAsync()))).Select(a => $"{a}")]);
    }
}
