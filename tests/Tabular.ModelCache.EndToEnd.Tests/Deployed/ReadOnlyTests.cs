using System.Text.RegularExpressions;
using Tabular.ModelCache.EndToEnd.Tests.Fleet;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Pull;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.Deployed;

/// <summary>The published app, with the variables of the image, on a read-only system in both of its modes.</summary>
[Collection(SharedPublish.Name)]
[Trait(TestKinds.Duration, TestKinds.Long)]
public sealed class ReadOnlyTests(PublishedApp published) : IDisposable
{
    private const double Scale = 0.001;

    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Run_AsJobAndAsServiceWithoutRights_PublishesAndServes()
    {
        await using var bucket = await CloudBucket.StartAsync();
        await using var registry = await PullRegistry.StartAsync();
        registry.Serve(OllamaModels.Llama32(Scale));
        registry.Serve(HubModels.BgeM3(Scale));
        var deployment = registry.Connect(Published(bucket))
            .WithModel("llama3.2-1b", "ollama", registry.OllamaSource).WithModel("bge-m3", "sbert", PullRegistry.HubSource);
        deployment.Launcher = await ReadOnlySystem.RequireAsync(published.Folder);

        var job = await deployment.With("MODEL_SYNC_MODE", "1").With("CLOUD_RUN_JOB", "tabular-model-sync").RunAsync();
        job.ExitCode.Should().Be(0, job.Output + job.Error);
        job.Output.Should().Contain("llama3.2-1b: published").And.Contain("bge-m3: published");
        var pulled = registry.Requests.Count;

        await using var service = deployment.With("MODEL_SYNC_MODE", null).With("CLOUD_RUN_JOB", null).With("K_SERVICE", "tabular").Start();
        (await service.WaitUntilReadyAsync()).CacheHit.Should().BeTrue();
        (await service.GetModelsAsync()).Should().HaveCount(2).And.OnlyContain(m => m.CacheHit && m.Path.StartsWith(bucket.Folder, StringComparison.Ordinal));
        (await service.WarmUpAsync()).GetArrayLength().Should().Be(2);
        registry.Requests.Should().HaveCount(pulled, "a hit downloads nothing");
        service.Output.Should().NotContain(l => Regex.IsMatch(l, "\"severity\":\"(WARNING|ERROR|CRITICAL)\""));
        service.Error.Should().BeEmpty();
        service.Send(Signal.Terminate);
        (await service.WaitForExitAsync()).Should().Be(0, service.Transcript);
    }

    public void Dispose() => _deployment.Dispose();

    /// <summary>The app where the image has it, with the image's variables; the bucket's folder stands for <c>/models</c>.</summary>
    private Deployment Published(CloudBucket bucket)
    {
        _deployment.Program = published.Program;
        _deployment.WorkingDirectory = published.Folder;
        foreach (var (name, value) in Dockerfile.Read().Environment().Where(v => v.Key != "PATH"))
        {
            _deployment.With(name, value.Replace("/models", bucket.Folder, StringComparison.Ordinal));
        }

        // On Cloud Run it listens on every address, unless it is told otherwise.
        return bucket.Connect(_deployment).With("PORT", null).With("ASPNETCORE_URLS", "http://127.0.0.1:0");
    }
}
