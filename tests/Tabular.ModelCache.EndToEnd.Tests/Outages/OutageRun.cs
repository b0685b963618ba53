using System.Net;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>A bucket with a published model, an instance that serves it, and a newer state of its source for a sync that meets trouble.</summary>
internal sealed class OutageRun : IAsyncDisposable
{
    public const string Model = "llm";

    private const int Failed = 70;
    private const string LinePrefix = "model-cache: ";

    private readonly Deployment _deployment = new Deployment().WithSetting("Lease:Ttl", "00:00:08").WithSetting("Mount:ProbeInterval", "00:00:01");
    private TabularProcess _reader = null!;
    private ManifestView _before = null!;

    private OutageRun(CloudBucket bucket) => Bucket = bucket;

    public CloudBucket Bucket { get; }

    public Deployment Deployment => Bucket.Connect(_deployment);

    /// <summary>Publishes from a folder, starts the instance, and changes the folder.</summary>
    public static async Task<OutageRun> StartAsync()
    {
        var run = new OutageRun(await CloudBucket.StartAsync());
        run._deployment.WithModel(Model, "ollama");
        run.WriteSource(seed: 1);
        await run.ServeAsync();
        run.WriteSource(seed: 2);
        return run;
    }

    /// <summary>The same with a source of the test's own.</summary>
    public static async Task<OutageRun> StartAsync(string source, Action change)
    {
        var run = new OutageRun(await CloudBucket.StartAsync());
        run._deployment.WithModel(Model, "ollama", source);
        await run.ServeAsync();
        change();
        return run;
    }

    /// <summary>Makes every request fail from a change on, which takes effect itself.</summary>
    public void FailAfter(Func<CloudStorageRequest, bool> isIt, Func<CloudStorageRequest, CloudStorageFault?> fault)
    {
        var hasBegun = false;
        Bucket.OnMutation = request =>
        {
            Volatile.Write(ref hasBegun, Volatile.Read(ref hasBegun) || isIt(request));
            return Task.CompletedTask;
        };
        Bucket.Fault = request => Volatile.Read(ref hasBegun) ? fault(request) : null;
    }

    /// <summary>Runs a sync that must fail with one line, while the instance goes on.</summary>
    public async Task<string> FailSyncAsync() => await ShouldHaveFailedAsync(await Deployment.RunCommandAsync("sync"));

    /// <summary>What a job must have told, and what the instance must do in spite of it.</summary>
    public async Task<string> ShouldHaveFailedAsync(CommandResult sync)
    {
        sync.ExitCode.Should().Be(Failed, sync.Output + sync.Error);
        var line = ShouldBeOneLine(sync);
        await ShouldServeAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(line);
        return line;
    }

    /// <summary>The one line, beside the log.</summary>
    public static string ShouldBeOneLine(CommandResult sync)
    {
        var lines = sync.Error.Split('\n');
        lines.Should().NotContain(l => l.StartsWith("   at ", StringComparison.Ordinal) || l.Contains("Exception", StringComparison.Ordinal), sync.Error);
        LogEntry.Parse(lines).Should().NotContain(e => e.IsNoise, sync.Error);
        var line = lines.Where(l => l.StartsWith(LinePrefix, StringComparison.Ordinal)).Should().ContainSingle(sync.Error).Subject;
        line.Should().StartWith($"{LinePrefix}{Model}: ").And.NotContain("Unexpected");
        return line;
    }

    /// <summary>Ends the trouble; the next sync publishes, and an instance starts on it.</summary>
    public async Task ConvergeAsync()
    {
        Bucket.Fault = _ => null;
        Bucket.OnMutation = _ => Task.CompletedTask;
        var sync = await Deployment.RunCommandAsync("sync");
        sync.ExitCode.Should().Be(0, sync.Output + sync.Error);
        var after = await Bucket.ReadManifestAsync();
        after.Active[Model].Should().NotBe(_before.Active[Model]);
        after.Sequence.Should().Be(_before.Sequence + 1, "each change is made once");
        after.Files.Should().AllSatisfy(f => f.ShouldBeShownBy(Bucket.Folder));
        (await Bucket.ListAsync(".tmp/")).Should().BeEmpty();
        await ShouldServeAsync();
        await using var next = Deployment.Start();
        (await next.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        (await next.GetModelsAsync()).Single().Version.Should().Be(after.Active[Model]);
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await Bucket.DisposeAsync();
        _deployment.Dispose();
    }

    private async Task ServeAsync()
    {
        (await Deployment.RunCommandAsync("sync")).ExitCode.Should().Be(0);
        _before = await Bucket.ReadManifestAsync();
        _reader = Deployment.Start();
        await _reader.WaitUntilReadyAsync();
    }

    private async Task ShouldServeAsync()
    {
        var health = await _reader.GetHealthAsync();
        health.Code.Should().Be(HttpStatusCode.OK, $"{health}");
        health.Status.Should().Be("Healthy", $"{health}");
        (await _reader.GetModelsAsync()).Single().Version.Should().Be(_before.Active[Model]);
        _before.Files.Should().AllSatisfy(f => f.ShouldBeShownBy(Bucket.Folder));
        _reader.Log.Should().NotContain(e => e.IsNoise, _reader.Transcript);
    }

    private void WriteSource(int seed) => ModelFiles.WriteOllama(_deployment.Source(Model), seed, 2 << 20, 70_000, 300);
}
