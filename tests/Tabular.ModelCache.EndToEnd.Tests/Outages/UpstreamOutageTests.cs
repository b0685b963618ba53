using Tabular.ModelCache.EndToEnd.Tests.Pull;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Outages;

/// <summary>The registry breaks every connection, from the first request or from the first content on.</summary>
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class UpstreamOutageTests
{
    private const string Content = "cdn";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sync_UpstreamIsDown_FailsInOneLineAndTheNextOneConverges(bool fromTheStart)
    {
        await using var registry = await PullRegistry.StartAsync();
        registry.Serve(OllamaModels.Llama32(0.001));
        await using var run = await OutageRun.StartAsync(registry.OllamaSource, () => registry.Serve(OllamaModels.Llama32(0.001, seed: 2)));
        registry.Fault = request => fromTheStart || request.Operation == Content ? ModelRegistryFault.ResetBefore() : null;

        var line = await run.FailSyncAsync();

        line.Should().Contain(fromTheStart ? registry.Authority : "blobs/sha256-");
        registry.Fault = _ => null;
        await run.ConvergeAsync();
    }
}
