using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tabular.ModelCache.Sources;

namespace Tabular.ModelCache.RealParts.Tests;

/// <summary>Models out of a stock registry, through a whole start into a directory.</summary>
public sealed class DockerRegistryTests : IAsyncLifetime
{
    private const string Repository = "someone/model-1.2";
    private const string Tag = "1b-Q8_0";

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("docker-registry-");
    private readonly TestModel _model = new(3_000_001);
    private DockerRegistry? _registry;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Source => $"ollama://{_registry!.Host}/{Repository}:{Tag}";

    public async ValueTask InitializeAsync()
    {
        _registry = await DockerRegistry.StartAsync(_scratch.FullName);
        await _model.PushAsync(_registry, Repository, Tag);
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        _scratch.Delete(recursive: true);
    }

    [Fact]
    public async Task Start_StockRegistry_HasWhatOllamaWouldHaveWritten() => Compare(await StartAsync(), _model);

    [Fact]
    public async Task Start_PinnedToAManifestThatTheTagLeft_HasThat()
    {
        await new TestModel(1000).PushAsync(_registry!, Repository, Tag);

        Compare(await StartAsync(("ModelCache:Models:0:Digest", _model.Digest)), _model);
    }

    [Fact]
    public async Task OpenRange_StockRegistry_GivesExactlyThose()
    {
        using var host = CreateHost();
        await using var resolution = await host.Services.GetRequiredService<ModelSources>()
            .ResolveAsync(new ModelSourceRequest("m", ModelKinds.Ollama, Source), Token);
        var file = resolution.Files.Single(f => f.Size == _model.Weights.Length);

        foreach (var (offset, count) in new[] { (0, 1), (1_000_000, 2_000_001), (2_999_999, 2) })
        {
            await using var stream = await file.OpenRangeAsync(offset, count, Token);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Token);
            bytes.ToArray().Should().Equal(_model.Weights[offset..(offset + count)]);
        }

        file.SupportsRanges.Should().BeTrue();
    }

    private void Compare(string folder, TestModel model)
    {
        var expected = model.Blobs.ToDictionary(b => $"blobs/{TestModel.DigestOf(b).Replace(':', '-')}");
        expected[$"manifests/{_registry!.Host}/{Repository}/{Tag}"] = model.Manifest;
        var found = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f))
            .Where(f => f is not ("SHA256SUMS" or ".done"))
            .ToList();

        found.Should().BeEquivalentTo(expected.Keys);
        foreach (var path in found)
        {
            File.ReadAllBytes(Path.Join(folder, path)).Should().Equal(expected[path]);
        }
    }

    private async Task<string> StartAsync(params (string Key, string Value)[] settings)
    {
        using var host = CreateHost(settings);
        await host.StartAsync(Token);
        var model = await host.Services.GetRequiredService<IModelCache>().GetModelAsync("m", Token).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Token);
        await host.StopAsync(Token);
        return model.Path;
    }

    private IHost CreateHost(params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "test" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ModelCache:MountPath"] = Path.Join(_scratch.FullName, "models"),
            ["ModelCache:Models:0:Name"] = "m",
            ["ModelCache:Models:0:Source"] = Source,
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Services.AddModelCache();
        return builder.Build();
    }
}
