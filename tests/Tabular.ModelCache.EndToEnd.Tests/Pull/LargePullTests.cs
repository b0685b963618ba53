using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>The models of the service in their real size, from their registries into the bucket.</summary>
[Collection(Alone.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class LargePullTests : IDisposable
{
    private const long MemoryLimit = 256L << 20;
    private const string Unneeded = "onnx/model.onnx_data";

    // What a start may take by default.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(225);

    private readonly TemporaryFolder _scratch = new();
    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Start_BothModelsInRealSize_StreamsEveryByteOnceInBoundedMemory()
    {
        await using var registry = await PullRegistry.StartAsync();
        await using var bucket = await CloudBucket.StartAsync();
        var llm = registry.Serve(OllamaModels.Llama32());

        // Nobody may ask for it, so that its size is of no use but to be hashed.
        GeneratedFile[] repository =
            [.. HubModels.BgeM3().Select(f => f.Path == Unneeded ? GeneratedFile.Random(Unneeded, 1 << 20) : f)];
        var commit = registry.Serve(repository);
        var deployment = registry.Connect(bucket.Connect(_deployment))
            .WithModel("llm", "ollama", registry.OllamaSource)
            .WithModel("embedder", "sbert", PullRegistry.HubSource)
            .With("TMPDIR", _scratch.Path)

            // The runtime would open its diagnostics port in that folder.
            .With("DOTNET_EnableDiagnostics", "0");
        var before = await TreeSnapshot.TakeAsync(deployment.WorkingDirectory);
        await using var app = deployment.Start();
        var watch = Stopwatch.StartNew();

        var health = await app.WaitUntilReadyAsync(Deadline);

        var seconds = watch.Elapsed.TotalSeconds;
        var peak = app.PeakMemoryBytes;
        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"ready after {seconds:0.0} s, peak memory {peak >> 20} MiB"));
        health.CacheHit.Should().BeFalse();
        peak.Should().BeLessThan(MemoryLimit);
        var served = (await app.GetModelsAsync()).ToDictionary(m => m.Name, m => m.Path);
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
        app.Log.Should().NotContain(e => e.IsNoise).And.NotContain(e => e.Level == "info" && e.Category.StartsWith("Polly", StringComparison.Ordinal));
        Directory.EnumerateFileSystemEntries(_scratch.Path).Should().BeEmpty("nothing is written on the way");
        (await TreeSnapshot.TakeAsync(deployment.WorkingDirectory)).Should().Equal(before);
        SentFile.ShouldAllBeSentOnce(registry.Requests, [.. ExpectedFolder.FilesOf(llm), .. ExpectedFolder.ChooseForCpu(repository)]);
        ExpectedFolder.ShouldBe(served["llm"], ExpectedFolder.Of(llm, registry.Authority));
        ExpectedFolder.ShouldBe(served["embedder"], ExpectedFolder.Of(repository, commit));
        served.Values.Should().OnlyContain(p => p.StartsWith(bucket.Folder, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _deployment.Dispose();
        _scratch.Dispose();
    }
}
