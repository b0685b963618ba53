using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Sources.Ollama;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.TestProcess;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources.Ollama;

/// <summary>The way over the <c>ollama</c> program, with a real process that behaves like it, or badly.</summary>
public sealed class OllamaProgramSourceTests : IDisposable
{
    private const string ManifestPath = "manifests/registry.ollama.ai/library/m/latest";

    private readonly string _root = Directory.CreateTempSubdirectory("ollama-program-").FullName;
    private readonly InMemoryObjectStore _store = new();
    private readonly TestModel _model = new(("model", "weights"u8.ToArray()), ("license", "free"u8.ToArray()));

    public OllamaProgramSourceTests() => Prepare(ManifestPath);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Record => Path.Join(_root, "record");

    private string[] Recorded => File.ReadAllLines(Record);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Publish_Model_IsWhatTheProgramWroteAndNothingIsLeft()
    {
        await using var cache = CreateCache("pull");

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Published);
        result.Version.Source.Digest.Should().Be(_model.Digest);
        await _store.ShouldBeSoundAsync();
        var all = await _store.ReadAllAsync();
        foreach (var (path, content) in _model.Store(ManifestPath))
        {
            all[$"{result.Version.Path}/{path}"].Should().Equal(content);
        }

        Recorded[0].Should().StartWith(Path.GetTempPath());
        Recorded[1].Should().Be("1");
        Recorded[3].Should().Be("""{"model":"registry.ollama.ai/library/m:latest","insecure":false,"stream":true}""");
        ShouldHaveGone();
    }

    [Fact]
    public async Task Resolve_RegistryWithoutTls_IsAskedForAsSuch()
    {
        Prepare("manifests/registry.test:5000/ns/m/t");
        await using var cache = CreateCache("pull", "ollama://http://registry.test:5000/ns/m:t");

        await (await ResolveAsync(cache)).DisposeAsync();

        Recorded[3].Should().Be("""{"model":"http://registry.test:5000/ns/m:t","insecure":true,"stream":true}""");
        ShouldHaveGone();
    }

    [Fact]
    public async Task Publish_DamagedBlob_PublishesNothing()
    {
        var blob = Directory.EnumerateFiles(Path.Join(_root, "prepared", "blobs")).First();
        var bytes = await File.ReadAllBytesAsync(blob, Token);
        bytes[0] ^= 1;
        await File.WriteAllBytesAsync(blob, bytes, Token);
        await using var cache = CreateCache("pull");

        var publish = () => cache.PublishAsync();

        await publish.Should().ThrowAsync<ModelCacheException>().WithMessage("*sent other bytes than it promised*");
        ShouldHaveGone();
    }

    [Theory]
    [InlineData("refuse", "*did not pull m:latest: pull model manifest: file does not exist*")]
    [InlineData("fail", "*did not pull m:latest: max retries exceeded: unexpected EOF*")]
    [InlineData("unfinished", "*ended with 'verifying sha256 digest' (200 OK) where 'success' was expected; it is running*")]
    [InlineData("silent", "*it told nothing for 0.5 s; it is running*")]
    public async Task Resolve_PullFails_SaysWhyAndLeavesNothing(string behavior, string message)
    {
        await using var cache = CreateCache(behavior, timings: new() { Silence = TimeSpan.FromSeconds(0.5) });

        await FailAsync(cache, message);
        ShouldHaveGone();
    }

    [Fact]
    public async Task Resolve_ProgramWithAnotherLayout_IsTold()
    {
        Prepare("manifests-v2/registry.ollama.ai/library/m/latest");
        await using var cache = CreateCache("pull");

        await FailAsync(cache, "*told of success, but left no manifest 'manifests/registry.ollama.ai/library/m/latest'*");
        ShouldHaveGone();
    }

    [Fact]
    public async Task Resolve_PinnedToAnotherDigest_IsRefused()
    {
        await using var cache = CreateCache("pull", $"ollama://m@sha256:{new string('1', 64)}");

        await FailAsync(cache, $"*pinned to the manifest sha256:1111*is at {_model.Digest} now*");
        ShouldHaveGone();
    }

    [Fact]
    public async Task Resolve_ProgramThatEnds_TellsItsLastWords()
    {
        await using var cache = CreateCache("exit");

        await FailAsync(cache, "*serve' did not start: it ended with exit code 3 and wrote last: Error: could not create the key*");
    }

    [Fact]
    public async Task Resolve_PortTakenBeforeTheProgramListens_TakesAnother()
    {
        await using var cache = CreateCache("pull");
        await using var other = new PortTaker(_root);
        other.Prepend(Path.Join(_root, "ollama"));

        await using var resolution = await ResolveAsync(cache).WaitAsync(TimeSpan.FromMinutes(1), Token);

        resolution.Digest.Should().Be(_model.Digest);
    }

    [Fact]
    public async Task Resolve_NoSuchProgram_NamesTheSetting()
    {
        await using var cache = CreateCache("pull");
        File.Delete(Path.Join(_root, "ollama"));

        await FailAsync(cache, "*'*/ollama' cannot be started*ModelCache:Sources:OllamaProgram*");
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("stubborn-silent")]
    public async Task Resolve_Cancelled_EndsTheProgramAndLeavesNothing(string behavior)
    {
        await using var cache = CreateCache(behavior, timings: new() { Stop = TimeSpan.FromSeconds(1) });
        using var stop = new CancellationTokenSource();
        using var recorded = new FileSystemWatcher(_root, "record");
        var pulling = new TaskCompletionSource();
        recorded.Changed += (_, _) => pulling.TrySetResult();
        recorded.EnableRaisingEvents = true;

        var resolve = ResolveAsync(cache, stop.Token);
        await pulling.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await stop.CancelAsync();

        var wait = () => resolve.WaitAsync(TimeSpan.FromMinutes(1), Token);
        await wait.Should().ThrowAsync<OperationCanceledException>();
        ShouldHaveGone();
    }

    private void Prepare(string manifestPath)
    {
        var prepared = Path.Join(_root, "prepared");
        if (Directory.Exists(prepared))
        {
            Directory.Delete(prepared, recursive: true);
        }

        foreach (var (path, content) in _model.Store(manifestPath))
        {
            var file = Path.Join(prepared, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
        }
    }

    private TestCache CreateCache(string behavior, string source = "ollama://m", OllamaProgramTimings? timings = null)
    {
        var program = Path.Join(_root, "ollama");
        File.WriteAllText(
            program, $"#!/bin/sh\nexec dotnet '{typeof(OllamaStandIn).Assembly.Location}' ollama {behavior} '{_root}/prepared' '{Record}'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new(
            _store,
            new TestSource(),
            builder => builder.Services.AddSingleton(timings ?? new OllamaProgramTimings()),
            ("ModelCache:Models:0:Source", source),
            ("ModelCache:Sources:OllamaProgram", program));
    }

    private void ShouldHaveGone()
    {
        Directory.Exists(Recorded[0]).Should().BeFalse("the scratch folder is removed");
        var find = () => Process.GetProcessById(int.Parse(Recorded[2], null));
        find.Should().Throw<ArgumentException>("the program has ended");
    }

    private static Task<ModelResolution> ResolveAsync(TestCache cache, CancellationToken cancellationToken = default) =>
        cache.Services.GetRequiredService<ModelSources>().ResolveAsync(cache.Wanted.ToRequest(), cancellationToken);

    private static async Task FailAsync(TestCache cache, string message)
    {
        var resolve = () => ResolveAsync(cache);
        (await resolve.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should().Match(message).And.NotContain("\n");
    }
}
