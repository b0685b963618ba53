using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources.Ollama;

/// <summary>The ollama source against a registry over real HTTP, through the whole publisher where bytes are concerned.</summary>
public sealed class OllamaSourceTests : IAsyncLifetime
{
    private const string Repository = "Some_One/Model.x";
    private const string ManifestRoute = $"/v2/{Repository}/manifests/1b-Q8_0";
    private const string TokenRoute = "/token";

    private static readonly byte[] Weights = RandomNumberGenerator.GetBytes(200_000);

    private readonly InMemoryObjectStore _store = new();
    private readonly TestModel _model = new(("model", Weights), ("template", "{{ .Prompt }}"u8.ToArray()), ("license", "a"u8.ToArray()), ("license", "a"u8.ToArray()));
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Source => $"ollama://127.0.0.1:{_server.Port}/{Repository}:1b-Q8_0";

    private string ManifestPath => $"manifests/127.0.0.1:{_server.Port}/{Repository}/1b-Q8_0";

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _model.Serve(_server, Repository, "1b-Q8_0");
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Publish_Model_IsWhatOllamaWouldHaveWritten()
    {
        await using var cache = CreateCache();

        var result = await cache.PublishAsync();

        result.Action.Should().Be(PublishAction.Published);
        result.Version.Source.Digest.Should().Be(_model.Digest);
        (await PublishedAsync(result)).Should().BeEquivalentTo(_model.Store(ManifestPath));
        result.Version.Files.Where(f => f.Path.Contains('/')).Select(f => f.Path).Last().Should().Be(ManifestPath);
        _server.Requests.Should().OnlyContain(r => r.Method == "GET" && r.Authorization == null);
        _server.RequestsFor(ManifestRoute).Single().Headers["Accept"].Should().Be("application/vnd.docker.distribution.manifest.v2+json");
    }

    [Fact]
    public async Task Publish_Unchanged_ReadsTheManifestAlone()
    {
        await using var cache = CreateCache();
        await cache.PublishAsync();
        _server.Requests.Clear();

        (await cache.PublishAsync()).Action.Should().Be(PublishAction.Unchanged);

        _server.Requests.Should().ContainSingle().Which.Path.Should().Be(ManifestRoute);
    }

    [Fact]
    public async Task Publish_BlobsElsewhere_AreReadThere()
    {
        var route = TestModel.BlobPath(Repository, Weights);
        _server.On(route, Answers.Redirect($"{_server.OtherAddress}r2/data?X-Amz-Signature=1"));
        _server.On("/r2/data", Answers.File(Weights));
        await using var cache = CreateCache(("ModelCache:Sources:AllowedHosts:0", "localhost"));

        (await PublishedAsync(await cache.PublishAsync())).Should().BeEquivalentTo(_model.Store(ManifestPath));
        _server.RequestsFor("/r2/data").Should().NotBeEmpty();
    }

    [Fact]
    public async Task Publish_LargeBlobElsewhere_IsReadInPartsAlsoWhenItsAddressExpires()
    {
        _server.On(
            TestModel.BlobPath(Repository, Weights),
            Answers.Redirect($"{_server.OtherAddress}r2/data?X-Amz-Signature=1"),
            Answers.Redirect($"{_server.OtherAddress}r2/data?X-Amz-Signature=2"));
        var first = 0;
        _server.On("/r2/data", context => context.Request.QueryString.Value!.EndsWith("=1", StringComparison.Ordinal) && Interlocked.Increment(ref first) > 3
            ? Answers.Status(403)(context)
            : Answers.File(Weights, "\"one\"")(context));
        await using var cache = CreateCache(Parts, ("ModelCache:Sources:AllowedHosts:0", "localhost"));

        (await PublishedAsync(await cache.PublishAsync())).Should().BeEquivalentTo(_model.Store(ManifestPath));

        var route = TestModel.BlobPath(Repository, Weights);
        _server.RequestsFor("/r2/data").Should().OnlyContain(r => r.Range != null && r.Authorization == null).And.HaveCountGreaterThan(20);
        _server.RequestsFor(route).Should().HaveCountGreaterThan(1).And.HaveCountLessThan(6, "it is asked again for an expired address and not for each part");
    }

    [Fact]
    public async Task Publish_LargeBlobOfAServerWithoutRanges_IsReadWhole()
    {
        _server.On(TestModel.BlobPath(Repository, Weights), Answers.WholeFile(Weights));
        await using var cache = CreateCache(Parts);

        (await PublishedAsync(await cache.PublishAsync())).Should().BeEquivalentTo(_model.Store(ManifestPath));
    }

    [Fact]
    public async Task Publish_BlobsOnAnUnknownHost_NamesTheSetting()
    {
        _server.On(TestModel.BlobPath(Repository, Weights), Answers.Redirect($"{_server.OtherAddress}r2/data?X-Amz-Signature=1"));

        (await FailToPublishAsync()).Should().Match("*blobs/sha256-* of 127.0.0.1:*'localhost'*ModelCache:Sources:AllowedHosts*").And.NotContain("Amz");
    }

    [Fact]
    public async Task Publish_OtherBytesThanPromised_PublishesNothing()
    {
        var damaged = Weights.ToArray();
        damaged[^1] ^= 1;
        _server.On(TestModel.BlobPath(Repository, Weights), Answers.File(damaged));

        (await FailToPublishAsync()).Should().Match("*sent other bytes than it promised: expected sha256*");
        (await _store.ReadAllAsync()).Keys.Should().NotContain(k => k.StartsWith("ollama/") || k == "manifest.json");
    }

    [Fact]
    public async Task Resolve_ManifestOfOtherBytesThanAnnounced_IsRefused()
    {
        _server.On(ManifestRoute, Answers.Body(_model.Manifest, "application/json", ("Docker-Content-Digest", $"sha256:{new string('1', 64)}")));

        (await FailAsync()).Should().Match($"*expected sha256:1111*found {_model.Digest}*");
    }

    [Theory]
    [InlineData(401, "*401*wants a sign-in*ModelCache:Sources:OllamaProgram*")]
    [InlineData(403, "*403*access is refused*")]
    [InlineData(404, "*404*no such model or tag*letter by letter*")]
    [InlineData(412, "*412*newer Ollama*ModelCache:Sources:OllamaProgram*")]
    [InlineData(500, "*500*5 attempts*")]
    public async Task Resolve_Refused_SaysWhatToDo(int status, string message)
    {
        _server.On(ManifestRoute, Answers.Status(status));

        (await FailAsync()).Should().Match(message).And.StartWith($"Cannot get the manifest of 127.0.0.1:{_server.Port}/{Repository}:1b-Q8_0: GET http://");
    }

    [Fact]
    public async Task Resolve_PinnedToWhatTheTagHas_AsksOnce()
    {
        (await ResolveAsync($"{Source}@{_model.Digest}")).Digest.Should().Be(_model.Digest);
        (await ResolveAsync(Source, _model.Digest)).Digest.Should().Be(_model.Digest);
        (await ResolveAsync(Source, _model.Digest["sha256:".Length..].ToUpperInvariant())).Digest.Should().Be(_model.Digest);

        _server.Requests.Should().HaveCount(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resolve_PinnedToWhatTheTagHad_GetsThat(bool tagIsThere)
    {
        var older = new TestModel(("model", "older"u8.ToArray()));
        _server.On($"/v2/{Repository}/manifests/{older.Digest}", Answers.Body(older.Manifest));
        if (!tagIsThere)
        {
            _server.On(ManifestRoute, Answers.Status(404));
        }

        var resolution = await ResolveAsync(Source, older.Digest);

        resolution.Digest.Should().Be(older.Digest);
        resolution.Files[^1].Path.Should().Be(ManifestPath);
    }

    [Fact]
    public async Task Resolve_PinnedToWhatIsGone_SaysWhatTheTagHas()
    {
        var gone = $"sha256:{new string('1', 64)}";
        (await FailAsync(digest: gone)).Should().Match($"*pinned to the manifest {gone}*is at {_model.Digest} now*");

        _server.On($"/v2/{Repository}/manifests/{gone}", Answers.Body(new TestModel(("model", "other"u8.ToArray())).Manifest));
        (await FailAsync(digest: gone)).Should().Match($"*pinned to the manifest {gone}*");

        _server.On(ManifestRoute, Answers.Status(404));
        (await FailAsync(digest: gone)).Should().Match("*the tag is gone*");
    }

    [Fact]
    public async Task Resolve_PinsThatDisagreeOrAreNone_AreRefused()
    {
        (await FailAsync($"{Source}@{_model.Digest}", $"sha256:{new string('1', 64)}")).Should().Match("*its source*names another*");
        (await FailAsync(digest: "main")).Should().Match("*pinned to the digest 'main'; expected*64 hex digits*");
        _server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Publish_RegistryWithTokensForEverybody_GetsAndRenewsThem()
    {
        var tokens = 0;
        _server.On(TokenRoute, context => context.Response.WriteAsync($$"""{"access_token":"token-{{++tokens}}","expires_in":60}"""));
        var challenge = $"""Bearer realm="{_server.Address}token",service="registry",scope="repository:{Repository}:pull" """;
        Protect(ManifestRoute, challenge, "Bearer token-1", Answers.Body(_model.Manifest));

        // The first token has expired when the weights are asked for.
        Protect(TestModel.BlobPath(Repository, Weights), challenge, "Bearer token-2", Answers.File(Weights));
        await using var cache = CreateCache();

        (await PublishedAsync(await cache.PublishAsync())).Should().BeEquivalentTo(_model.Store(ManifestPath));

        tokens.Should().Be(2);
        _server.RequestsFor(TokenRoute).Should().OnlyContain(r => r.Authorization == null && r.Query == $"?service=registry&scope=repository%3ASome_One%2FModel.x%3Apull");
    }

    [Theory]
    [InlineData(401, "")]
    [InlineData(200, "{}")]
    public async Task Resolve_RegistryThatGivesNoToken_NamesTheProgram(int status, string body)
    {
        _server.On(TokenRoute, context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        Protect(ManifestRoute, $"""Bearer realm="{_server.Address}token" """, "none", Answers.Status(500));

        (await FailAsync()).Should().Match("*401*ModelCache:Sources:OllamaProgram*");
        _server.RequestsFor(TokenRoute).Single().Query.Should().Be("?scope=repository%3ASome_One%2FModel.x%3Apull");
    }

    [Fact]
    public async Task Resolve_TokensOnAnotherHost_AreNotAskedFor()
    {
        Protect(ManifestRoute, $"""Bearer realm="{_server.OtherAddress}token",service="registry" """, "none", Answers.Status(500));

        (await FailAsync()).Should().Match("*sign-in at the host 'localhost'*ModelCache:Sources:AllowedHosts*");
        _server.RequestsFor(TokenRoute).Should().BeEmpty();
    }

    private void Protect(string route, string challenge, string authorization, RequestDelegate answer) => _server.On(
        route,
        context => context.Request.Headers.Authorization == authorization
            ? answer(context)
            : Answers.Status(401, ("WWW-Authenticate", challenge.Trim()))(context));

    private static PartLimits Parts => new() { Size = 10_000, LargestWhole = 20_000, InMemory = 3 };

    private TestCache CreateCache(params (string Key, string Value)[] settings) => CreateCache(new PartLimits(), settings);

    private TestCache CreateCache(PartLimits limits, params (string Key, string Value)[] settings) => new(
        _store,
        new TestSource(),
        builder => builder.Services.AddSingleton(SourceHttpHarness.Fast).AddSingleton(limits),
        [("ModelCache:Models:0:Source", Source), .. settings]);

    private async Task<Dictionary<string, byte[]>> PublishedAsync(PublishResult result)
    {
        await _store.ShouldBeSoundAsync();
        var folder = $"{result.Version.Path}/";
        return (await _store.ReadAllAsync())
            .Where(f => f.Key.StartsWith(folder, StringComparison.Ordinal))
            .Select(f => (Path: f.Key[folder.Length..], f.Value))
            .Where(f => f.Path is not ("SHA256SUMS" or ".done"))
            .ToDictionary(f => f.Path, f => f.Value);
    }

    private async Task<ModelResolution> ResolveAsync(string source, string? digest = null)
    {
        await using var cache = CreateCache();
        return await cache.Services.GetRequiredService<ModelSources>()
            .ResolveAsync(new ModelSourceRequest(TestCache.Model, ModelKinds.Ollama, source) { Digest = digest }, Token);
    }

    private async Task<string> FailAsync(string? source = null, string? digest = null)
    {
        var resolve = () => ResolveAsync(source ?? Source, digest);
        return (await resolve.Should().ThrowAsync<ModelCacheException>()).Which.Message;
    }

    private async Task<string> FailToPublishAsync()
    {
        await using var cache = CreateCache();
        var publish = () => cache.PublishAsync();
        return (await publish.Should().ThrowAsync<ModelCacheException>()).Which.Message;
    }
}
