using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.Documents;

/// <summary>The README followed by somebody who knows nothing.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly DocumentedCommands _commands = new();

    [Fact]
    public async Task Try_FirstStartAndTheNext_MissThenHit()
    {
        var block = Blocks(nameof(Try_FirstStartAndTheNext_MissThenHit), 1)[0];
        await using (var first = _commands.Start(block))
        {
            (await first.WaitUntilReadyAsync()).CacheHit.Should().BeFalse();
            (await first.GetModelsAsync()).Select(m => m.Name).Should().BeEquivalentTo("demo-llm", "demo-embedder");
            first.Output.Should().Contain(l => l.Contains("cache_hit=false", StringComparison.Ordinal));
            await StopAsync(first);
        }

        var published = await TreeSnapshot.TakeAsync(Path.Join(_commands.Sources, ".models"));
        await using var second = _commands.Start(block);
        (await second.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        second.Output.Should().Contain(l => l.Contains("cache_hit=true", StringComparison.Ordinal));
        await StopAsync(second);
        (await TreeSnapshot.TakeAsync(Path.Join(_commands.Sources, ".models"))).Should().Equal(published);
    }

    [Fact]
    public async Task Registry_InRealNamesAndSmall_BothModelsArePulled()
    {
        var blocks = Blocks(nameof(Registry_InRealNamesAndSmall_BothModelsArePulled), 2);
        await using var registry = _commands.Start(blocks[0], ("--port 5005", "--port 0 --scale 0.001"));
        var port = await GetPortAsync(registry);

        await using var app = _commands.Start(blocks[1], ("5005", port), ("PORT=8081", "PORT=0"));
        (await app.WaitUntilReadyAsync()).CacheHit.Should().BeFalse();
        (await app.GetModelsAsync()).Select(m => m.Name).Should().BeEquivalentTo("llama3.2-1b", "bge-m3");
        await StopAsync(app);
    }

    [Fact]
    public async Task Bucket_TwoInstances_OnePullsAndTheOtherHits()
    {
        var blocks = Blocks(nameof(Bucket_TwoInstances_OnePullsAndTheOtherHits), 2);
        await using var bucket = _commands.Start(blocks[0], ("--port 9000", "--port 0"));
        var port = await GetPortAsync(bucket);
        foreach (var hits in new[] { false, true })
        {
            await using var app = _commands.Start(blocks[1], ("127.0.0.1:9000", "127.0.0.1:" + port), ("PORT=8081", "PORT=0"));
            (await app.WaitUntilReadyAsync()).CacheHit.Should().Be(hits);
            await StopAsync(app);
        }

        File.Exists(_commands.Join("buckets", "tabular-model-cache", "manifest.json")).Should().BeTrue();
        bucket.Output.Should().Contain(l => l.Contains("storage.objects.", StringComparison.Ordinal), "--log writes a line for each request");
    }

    public void Dispose() => _commands.Dispose();

    private static IReadOnlyList<string> Blocks(string test, int count)
    {
        var blocks = DocumentedCommands.BlocksOf($"{nameof(ReadmeTests)}.{test}");
        blocks.Should().HaveCount(count);
        return blocks;
    }

    private static async Task<string> GetPortAsync(TabularProcess server) =>
        Address().Match(await server.WaitForOutputAsync("http://127.0.0.1:")).Groups["port"].Value;

    private static async Task StopAsync(TabularProcess app)
    {
        // The host takes Ctrl+C for the same, but what a shell has started in the background ignores its signal.
        app.Send(Signal.Terminate);
        (await app.WaitForExitAsync()).Should().Be(0, app.Transcript);
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:(?<port>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
