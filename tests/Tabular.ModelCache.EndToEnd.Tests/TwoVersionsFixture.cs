using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests;

/// <summary>A store with two versions of a model of each kind; tests only read it.</summary>
public sealed class TwoVersionsFixture : IAsyncLifetime
{
    private readonly Dictionary<string, (string Older, string Newer)> _versions = [];

    internal Deployment Deployment { get; } = new Deployment().WithModel("llm", "ollama").WithModel("embedder", "sbert");

    public async ValueTask InitializeAsync()
    {
        Write(seed: 1);
        await Deployment.PublishAsync();
        var older = new[] { "ollama", "sbert" }.ToDictionary(k => k, k => Names(k).Single());
        Write(seed: 2);
        (await Deployment.RunCommandAsync("sync")).ExitCode.Should().Be(0);
        foreach (var (kind, name) in older)
        {
            _versions[kind] = (name, Names(kind).Single(n => n != name));
        }
    }

    public ValueTask DisposeAsync()
    {
        Deployment.Dispose();
        return ValueTask.CompletedTask;
    }

    internal (string Older, string Newer) Versions(string kind) => _versions[kind];

    private void Write(int seed)
    {
        ModelFiles.WriteOllama(Deployment.Source("llm"), seed, 10_000);
        ModelFiles.WriteSbert(Deployment.Source("embedder"), seed, 10_000);
    }

    private IEnumerable<string> Names(string kind) => Directory.GetDirectories(Path.Join(Deployment.Mount, kind)).Select(f => Path.GetFileName(f));
}
