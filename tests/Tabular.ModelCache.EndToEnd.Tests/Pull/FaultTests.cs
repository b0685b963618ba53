using System.Diagnostics;
using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Pull;

/// <summary>What registries and the proxies before them do wrong: a sync goes on after what passes, and ends with one line for the rest.</summary>
public sealed class FaultTests : IDisposable
{
    private const string Model = "model";
    private const int Failed = 70;

    // The weights keep their least size.
    private const double Scale = 0.0001;

    private readonly Deployment _deployment = new();

    public static TheoryData<string> Names => [.. FaultCase.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sync_FaultOfTheRegistry_RetriesOrSaysSoAndPublishesNothing(string name)
    {
        var fault = FaultCase.All[name];
        await using var registry = await PullRegistry.StartAsync();
        await using var bucket = await CloudBucket.StartAsync();
        registry.Serve(OllamaModels.Llama32(Scale));
        registry.Serve(HubModels.BgeM3(Scale));
        var deployment = registry.Connect(bucket.Connect(_deployment))
            .WithModel(Model, fault.Kind, fault.Kind == "ollama" ? registry.OllamaSource : PullRegistry.HubSource);
        var hits = 0;
        registry.Fault = request => fault.Hits(request) && Interlocked.Increment(ref hits) <= fault.Times ? fault.Fault : null;
        var watch = Stopwatch.StartNew();

        var sync = await deployment.RunCommandAsync("sync");

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {watch.Elapsed.TotalSeconds:0.0} s, {hits} faults\n{sync.Output}\n--- errors\n{sync.Error}"));
        hits.Should().BePositive("the fault must have happened");
        if (fault.Messages.Length == 0)
        {
            sync.ExitCode.Should().Be(0, sync.Output + sync.Error);
            (await bucket.ReadManifestAsync()).Files.Should().NotBeEmpty().And.AllSatisfy(f => f.ShouldBeShownBy(bucket.Folder));
            return;
        }

        sync.ExitCode.Should().Be(Failed, sync.Output + sync.Error);
        sync.Error.Split('\n').Where(l => l.Contains(fault.Messages[0], StringComparison.Ordinal))
            .Should().ContainSingle("one line says it:\n{0}", sync.Error)
            .Which.Should().ContainAll(fault.Messages);
        var objects = await bucket.ListAsync();
        objects.Keys.Should().OnlyContain(n => n.StartsWith(".locks/", StringComparison.Ordinal) || n.StartsWith(".tmp/", StringComparison.Ordinal));
    }

    public void Dispose() => _deployment.Dispose();
}
