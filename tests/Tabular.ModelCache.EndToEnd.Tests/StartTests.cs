using System.Net;
using System.Text.Json;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>The first start of an empty store, and the next.</summary>
public sealed class StartTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithModel("embedder", "sbert");

    public StartTests()
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 3 * Mebibyte, 40, 0);
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 2, Mebibyte, 0, 4097);
    }

    [Fact]
    public async Task Start_EmptyStore_AnswersUnavailableWithTheStateUntilReady()
    {
        // Large enough that it is still at work when the server answers.
        ModelFiles.WriteLargeSbert(_deployment.Source("embedder"), seed: 2, 400L * Mebibyte);
        await using var app = _deployment.Start();

        var working = await app.WaitForHealthAsync(h => h.Code == HttpStatusCode.ServiceUnavailable, "503 while it works");
        working.Status.Should().Be("Unhealthy");
        working.State.Should().NotBeNullOrEmpty().And.NotBe("ready");

        var ready = await app.WaitUntilReadyAsync();
        ready.Status.Should().Be("Healthy");
        ready.CacheHit.Should().BeFalse();
        app.Output.Should().Contain(l => l.Contains("cache_hit=false", StringComparison.Ordinal));
        app.Output.Should().NotContain(l => l.Contains("cache_hit=true", StringComparison.Ordinal));
        app.Log.Should().NotContain(e => e.IsNoise);

        var served = await app.GetModelsAsync();
        served.Select(m => m.Name).Should().BeEquivalentTo("llm", "embedder");
        foreach (var model in served)
        {
            model.CacheHit.Should().BeFalse();
            ModelFiles.ShouldBeEqual(model.Path, _deployment.Source(model.Name));
        }

        served.Single(m => m.Name == "llm").Environment.Should().Contain("OLLAMA_MODELS", served.Single(m => m.Name == "llm").Path);
        served.Single(m => m.Name == "embedder").Environment.Should().Contain("HF_HUB_CACHE", served.Single(m => m.Name == "embedder").Path);
    }

    [Fact]
    public async Task Start_FarFromItsSettingsFile_LogsNoErrorForProbesWhileItWorks()
    {
        ModelFiles.WriteLargeSbert(_deployment.Source("embedder"), seed: 2, 200L * Mebibyte);
        _deployment.WorkingDirectory = _deployment.Source("");
        await using var app = _deployment.Start();

        await app.WaitForHealthAsync(h => h.Code == HttpStatusCode.ServiceUnavailable, "503 while it works");
        await app.WaitUntilReadyAsync();

        app.Log.Should().NotContain(e => e.IsNoise);
    }

    [Fact]
    public async Task Start_EmptyStore_LeavesTheLayoutAndTheManifest()
    {
        await _deployment.PublishAsync();

        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(_deployment.Manifest, TestContext.Current.CancellationToken));
        var root = manifest.RootElement;
        root.GetProperty("schemaVersion").GetInt32().Should().Be(1);
        root.GetProperty("sequence").GetInt64().Should().Be(2);
        root.GetProperty("writeId").GetString().Should().NotBeNullOrEmpty();
        foreach (var (name, kind) in new[] { ("llm", "ollama"), ("embedder", "sbert") })
        {
            var entry = root.GetProperty("models").GetProperty(name);
            foreach (var member in new[] { "attempt", "pins", "held", "doomed" })
            {
                entry.TryGetProperty(member, out _).Should().BeTrue("the entry has '{0}'", member);
            }

            var version = entry.GetProperty("versions").EnumerateArray().Should().ContainSingle().Subject;
            var versionName = version.GetProperty("version").GetString()!;
            versionName.Should().MatchRegex($@"^{name}-\d{{4}}-\d\d-\d\d-{version.GetProperty("checksums").GetString()![..12]}$");
            entry.GetProperty("active").GetString().Should().Be(versionName);
            version.GetProperty("path").GetString().Should().Be($"{kind}/{versionName}");

            var folder = Path.Join(_deployment.Mount, kind, versionName);
            ModelFiles.ShouldBeEqual(folder, _deployment.Source(name));
            var files = version.GetProperty("files").EnumerateArray().ToDictionary(f => f.GetProperty("path").GetString()!, f => f.GetProperty("size").GetInt64());
            files.Keys.Should().BeEquivalentTo([.. ModelFiles.List(folder), "SHA256SUMS", ".done"]);
            files.Should().AllSatisfy(f => new FileInfo(Path.Join(folder, f.Key)).Length.Should().Be(f.Value));
            (await File.ReadAllTextAsync(Path.Join(folder, ".done"), TestContext.Current.CancellationToken)).Trim()
                .Should().Be(version.GetProperty("checksums").GetString());
        }

        Directory.EnumerateFiles(_deployment.Mount, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(_deployment.Mount, f).Split('/')[0]).Distinct()
            .Should().BeSubsetOf(["manifest.json", "ollama", "sbert", ".locks", ".store"]);
    }

    [Fact]
    public async Task Start_EmptyStore_LeavesFoldersThatSha256SumAccepts()
    {
        Assert.SkipUnless(Tool.Exists("sha256sum"), "sha256sum is not installed.");
        await _deployment.PublishAsync();

        foreach (var folder in Directory.GetDirectories(Path.Join(_deployment.Mount, "ollama")).Concat(Directory.GetDirectories(Path.Join(_deployment.Mount, "sbert"))))
        {
            var result = await Tool.RunAsync("sha256sum", ["--check", "--strict", "SHA256SUMS"], folder);

            result.ExitCode.Should().Be(0, result.Error);
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(ModelFiles.List(folder).Count);
        }
    }

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    [InlineData("Content")]
    public async Task Start_PublishedStore_HitsAndChangesNothing(string level)
    {
        Assert.SkipUnless(Tool.Exists("find"), "find is not installed.");
        await _deployment.PublishAsync();
        var before = await TreeSnapshot.TakeAsync(_deployment.Mount);

        await using var app = _deployment.WithSetting("Verification", level).WithSetting("Mount:ProbeInterval", "00:00:01").Start();
        var ready = await app.WaitUntilReadyAsync();
        var models = await app.GetModelsAsync();
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0);

        ready.CacheHit.Should().BeTrue();
        models.Should().AllSatisfy(m => m.CacheHit.Should().BeTrue());
        app.Output.Should().Contain(l => l.Contains("cache_hit=true", StringComparison.Ordinal));
        app.Output.Should().NotContain(l => l.Contains("cache_hit=false", StringComparison.Ordinal));
        (await TreeSnapshot.TakeAsync(_deployment.Mount)).Should().Equal(before);
    }

    public void Dispose() => _deployment.Dispose();
}
