using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>Several processes and one store.</summary>
public sealed class ConcurrencyTests : IDisposable
{
    private readonly Deployment _deployment = new Deployment().WithModel("llm", "ollama").WithModel("embedder", "sbert");

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Start_SeveralAtOnceOnAnEmptyStore_EachModelIsPulledOnce(int processes)
    {
        ModelFiles.WriteOllama(_deployment.Source("llm"), seed: 1, 20 << 20);
        ModelFiles.WriteSbert(_deployment.Source("embedder"), seed: 2, 20 << 20);
        var apps = Enumerable.Range(0, processes).Select(_ => _deployment.Start()).ToList();
        try
        {
            await Task.WhenAll(apps.Select(a => a.WaitUntilReadyAsync()));

            foreach (var model in new[] { "llm", "embedder" })
            {
                var lines = apps.SelectMany(a => a.Output).Where(l => l.Contains($"Model {model} is verified: ", StringComparison.Ordinal)).ToList();
                lines.Should().HaveCount(processes);
                lines.Where(l => l.Contains("cache_hit=false", StringComparison.Ordinal)).Should().ContainSingle("each model is downloaded once");
                lines.Where(l => l.Contains("cache_hit=true", StringComparison.Ordinal)).Should().HaveCount(processes - 1);
            }

            var served = await Task.WhenAll(apps.Select(a => a.GetModelsAsync()));
            served.SelectMany(s => s).Select(m => m.Path).Distinct().Should().HaveCount(2);
            ModelFiles.ShouldBeEqual(served[0][0].Path, _deployment.Source(served[0][0].Name));
            ModelFiles.ShouldBeEqual(served[0][1].Path, _deployment.Source(served[0][1].Name));
            apps.SelectMany(a => a.Log).Should().NotContain(e => e.IsNoise);
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }

    public void Dispose() => _deployment.Dispose();
}
