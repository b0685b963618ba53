using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>A sync after the first: what the registries have not changed is not sent again.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class UnchangedTests : IDisposable
{
    // Above 64 MiB, so that the weights are pulled in parts and have digests of regions.
    private const double OllamaScale = 0.06;
    private const double HubScale = 0.035;

    private static readonly string[] Models = ["llm", "embedder"];

    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Sync_NothingNewUpstream_ReadsTheListsAndPublishesNothing()
    {
        await using var registry = await PullRegistry.StartAsync();
        await using var bucket = await CloudBucket.StartAsync();
        registry.Serve(OllamaModels.Llama32(OllamaScale));
        registry.Serve(HubModels.BgeM3(HubScale));
        var deployment = Configure(registry, bucket);
        await SyncAsync(deployment, "published");
        var manifest = await bucket.ReadManifestAsync();
        registry.TakeRequests();

        var second = await SyncAsync(deployment, "unchanged");

        second.Should().AllSatisfy(m =>
        {
            m.GetProperty("bytesPulled").GetInt64().Should().Be(0);
            m.GetProperty("bytesCopied").GetInt64().Should().Be(0);
        });
        registry.Requests.Select(r => $"{r.Request.Operation} {r.Request.File}".Trim())
            .Should().BeEquivalentTo("ollama.manifest", "hub.model", "hub.tree", "hub.resolve modules.json");
        var after = await bucket.ReadManifestAsync();
        after.Sequence.Should().Be(manifest.Sequence);
        after.Files.Should().Equal(manifest.Files);
    }

    [Fact]
    public async Task Sync_NewStatesWithTheSameWeights_CopiesTheWeightsOnTheServer()
    {
        await using var registry = await PullRegistry.StartAsync();
        await using var bucket = await CloudBucket.StartAsync();
        var model = registry.Serve(OllamaModels.Llama32(OllamaScale));
        var repository = HubModels.BgeM3(HubScale);
        registry.Serve(repository);
        var deployment = Configure(registry, bucket);
        await SyncAsync(deployment, "published");
        var older = await bucket.ReadManifestAsync();
        registry.TakeRequests();
        var template = GeneratedFile.Text("template", "{{ .Prompt }}", 2000);
        var newModel = registry.Serve(new OllamaModel(model.Config, [.. model.Layers.Select(l => l.File.Path == "template" ? OllamaLayer.Template(template) : l)]));
        GeneratedFile[] newRepository = [.. repository.Select(f => f.Path == "README.md" ? GeneratedFile.Text(f.Path, "# Another text\n") : f)];
        var commit = registry.ServeNext(newRepository);

        var second = await deployment.RunCommandAsync("sync");

        second.ExitCode.Should().Be(0, second.Output + second.Error);
        var (pulled, copied) = (template.Size + newModel.Manifest.Length, model.Layers.Where(l => l.File.Path != "template").Sum(l => l.File.Size) + model.Config.Size);
        second.Output.Should().Contain(string.Create(
            CultureInfo.InvariantCulture, $", {pulled / 1024.0:0.0} KiB pulled, {copied / 1048576.0:0.0} MiB copied on the server"));
        var sent = SentFile.Find(registry.Requests);
        sent["template"].ShouldBeSentOnce(template.Size);

        // What Git itself keeps has no SHA-256 by which a copy could be found, and is small.
        var kept = ExpectedFolder.ChooseForCpu(newRepository).Where(f => f.IsLfs).ToList();
        kept.Should().Contain(f => f.Path == "pytorch_model.bin");
        sent.Keys.Should().BeEquivalentTo(ExpectedFolder.ChooseForCpu(newRepository).Except(kept).Select(f => f.Path).Append("template"));
        var after = await bucket.ReadManifestAsync();
        ExpectedFolder.ShouldBe(Path.Join(bucket.Folder, after.Folders["llm"]), ExpectedFolder.Of(newModel, registry.Authority));
        ExpectedFolder.ShouldBe(Path.Join(bucket.Folder, after.Folders["embedder"]), ExpectedFolder.Of(newRepository, commit));
        after.Active.Values.Should().NotIntersectWith(older.Active.Values);
        after.Files.Should().Contain(older.Files, "the older versions are kept");
        older.Files.Should().AllSatisfy(f => f.ShouldBeShownBy(bucket.Folder));
    }

    public void Dispose() => _deployment.Dispose();

    private static async Task<IReadOnlyList<JsonElement>> SyncAsync(Deployment deployment, string action)
    {
        var result = await deployment.RunCommandAsync("sync", "--json");
        result.ExitCode.Should().Be(0, result.Output + result.Error);
        List<JsonElement> models = [.. result.Json.GetProperty("models").EnumerateArray()];
        models.Select(m => $"{m.GetProperty("name")} {m.GetProperty("action")}").Should().Equal(Models.Select(m => $"{m} {action}"));
        return models;
    }

    private Deployment Configure(PullRegistry registry, CloudBucket bucket) => registry.Connect(bucket.Connect(_deployment))
        .WithModel(Models[0], "ollama", registry.OllamaSource)
        .WithModel(Models[1], "sbert", PullRegistry.HubSource);
}
