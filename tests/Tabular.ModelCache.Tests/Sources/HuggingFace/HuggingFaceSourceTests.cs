using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

public sealed class HuggingFaceSourceTests : IAsyncLifetime
{
    private readonly InMemoryObjectStore _store = new();
    private readonly List<IAsyncDisposable> _caches = [];
    private ScriptedServer _server = null!;
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _hub = new TestHub(_server);
        _hub.Serve("main");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cache in _caches)
        {
            await cache.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Publish_Main_MakesExactlyTheCacheLayout()
    {
        var result = await Cache().PublishAsync();

        result.Version.Source.Should().Be(new ManifestSource { Uri = "hf://org/name", Digest = TestHub.Commit });
        var folder = $"{result.Version.Path}/models--org--name";
        var all = (await _store.ReadAllAsync()).Where(o => o.Key.StartsWith(result.Version.Path + "/", StringComparison.Ordinal)).ToDictionary();
        all.Keys.Should().BeEquivalentTo(
            [
                .. TestHub.Chosen.Select(p => $"{folder}/snapshots/{TestHub.Commit}/{p}"),
                $"{folder}/refs/main", $"{result.Version.Path}/SHA256SUMS", $"{result.Version.Path}/.done",
            ]);
        foreach (var path in TestHub.Chosen)
        {
            all[$"{folder}/snapshots/{TestHub.Commit}/{path}"].Should().Equal(_hub.Files[path]);
        }

        all[$"{folder}/refs/main"].Should().Equal(Encoding.ASCII.GetBytes(TestHub.Commit));
        await _store.ShouldBeSoundAsync();
        await _store.ShouldBeTidyAsync();
    }

    [Fact]
    public async Task Publish_SameCommitAgain_PullsNothing()
    {
        await Cache().PublishAsync();
        _server.Requests.Clear();

        (await Cache().PublishAsync()).Action.Should().Be(PublishAction.Unchanged);

        _server.Requests.Select(r => r.Path).Should().BeEquivalentTo(TestHub.RevisionPath("main"), TestHub.Tree, TestHub.FilePath("modules.json"));
    }

    [Theory]
    [InlineData("v1.5", true)]
    [InlineData("refs/pr/7", true)]
    [InlineData(TestHub.Commit, false)]
    [InlineData("main", false)]
    public async Task Resolve_Revision_IsNamedInRefsAndMainComesLast(string revision, bool named)
    {
        _hub.Serve(revision);

        var resolution = await ResolveAsync($"hf://org/name@{revision}");

        resolution.Digest.Should().Be(TestHub.Commit);
        var refs = resolution.Files.Select(f => f.Path).SkipWhile(p => !p.Contains("/refs/", StringComparison.Ordinal));
        refs.Should().Equal(
            named ? [$"models--org--name/refs/{revision}", "models--org--name/refs/main"] : ["models--org--name/refs/main"]);
    }

    [Fact]
    public async Task Resolve_Paths_AreQuotedPartByPart()
    {
        _hub.Files["1_Pooling/a #?%.json"] = "{}"u8.ToArray();
        _hub.Serve("main");

        var file = (await ResolveAsync()).Files.Single(f => f.Path.EndsWith("a #?%.json", StringComparison.Ordinal));

        (await ReadAsync(file)).Should().Equal("{}"u8.ToArray());
    }

    [Fact]
    public async Task Resolve_RepositoryWithoutOrganisation_IsFound()
    {
        var (revision, tree) = ("/api/models/name/revision/main", $"/api/models/name/tree/{TestHub.Commit}");
        _server.On(revision, TestHub.Json(new { sha = TestHub.Commit }));
        _server.On(tree, TestHub.Json(_hub.Files.Select(TestHub.Entry)));
        _server.On($"/name/resolve/{TestHub.Commit}/modules.json", Answers.Body(_hub.Files["modules.json"]));

        (await ResolveAsync("hf://name")).Files.Should().OnlyContain(f => f.Path.StartsWith("models--name/"));
    }

    [Fact]
    public async Task Resolve_EndpointWithAPath_IsKept()
    {
        new TestHub(_server, "/hub/mirror").Serve("main");
        _server.Requests.Clear();

        await ResolveAsync(settings: ("ModelCache:Sources:HuggingFaceEndpoint", $"{_server.Address}hub/mirror/"));

        _server.Requests.Should().OnlyContain(r => r.Path.StartsWith("/hub/mirror/"));
    }

    [Fact]
    public async Task Resolve_Pages_AreFollowedAtTheSameAddress()
    {
        var entries = _hub.Files.Select(TestHub.Entry).ToList();
        _server.On(
            TestHub.Tree,
            TestHub.Json(entries.Take(2), ("Link", $"<{_server.Address}x>; rel=\"prev\", <{_server.Address}{TestHub.Tree[1..]}?cursor=a%3D%3D&limit=1000>; rel=\"next\"")),
            TestHub.Json(entries.Skip(2).Take(3), ("Link", $"<https://huggingface.co{TestHub.Tree}?cursor=b>;rel=\"next\"")),
            TestHub.Json(entries.Skip(5)));

        var resolution = await ResolveAsync();

        resolution.Files.Should().HaveCount(TestHub.Chosen.Length + 1);
        _server.RequestsFor(TestHub.Tree).Select(r => r.Query).Should().Equal("?recursive=True&expand=False", "?cursor=a%3D%3D&limit=1000", "?cursor=b");
    }

    [Fact]
    public async Task Resolve_NextPageElsewhere_IsRefused()
    {
        _server.On(TestHub.Tree, TestHub.Json(Array.Empty<object>(), ("Link", $"<{_server.OtherAddress}api?cursor=a>; rel=\"next\"")));

        (await FailsAsync()).Should().Contain("for its next page").And.Contain("localhost");
    }

    [Fact]
    public async Task Resolve_PagesWithoutEnd_AreRefused()
    {
        _server.On(TestHub.Tree, TestHub.Json(Array.Empty<object>(), ("Link", $"<{_server.Address}?cursor=a>; rel=\"next\"")));

        (await FailsAsync()).Should().Contain("more than 1000 pages");
    }

    [Theory]
    [InlineData("config.json", "expected git blob")]
    [InlineData("model.safetensors", "expected sha256")]
    public async Task Publish_OtherBytesOfTheSameLength_PublishesNothing(string path, string problem)
    {
        var wrong = (byte[])_hub.Files[path].Clone();
        wrong[^1] ^= 1;
        _server.On(TestHub.FilePath(path), Answers.File(wrong));

        (await FailsAsync(async () => await Cache().PublishAsync())).Should().Contain(path).And.Contain(problem);

        (await _store.ReadAllAsync()).Keys.Should().NotContain(k => k.StartsWith("sbert/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resolve_ModulesOtherThanListed_AreRefused()
    {
        var wrong = (byte[])_hub.Files["modules.json"].Clone();
        wrong[^1] = (byte)' ';
        _server.On(TestHub.FilePath("modules.json"), Answers.Body(wrong));

        (await FailsAsync()).Should().Contain("modules.json").And.Contain("expected git blob");
    }

    [Fact]
    public async Task Resolve_PathOutOfTheFolder_IsRefused()
    {
        _hub.Files["../../manifest.json"] = "{}"u8.ToArray();
        _server.On(TestHub.Tree, TestHub.Json(_hub.Files.Select(TestHub.Entry)));

        (await FailsAsync()).Should().Contain("'org/name'").And.Contain("'../../manifest.json' has the part '..'");
    }

    [Theory]
    [InlineData("modules.json", "not a sentence-transformers repository")]
    [InlineData("1_Pooling/config.json", "without '1_Pooling/config.json'")]
    [InlineData("model.safetensors", "has no weights")]
    public async Task Resolve_MissingFile_IsRefused(string path, string problem)
    {
        _hub.Files.Remove(path);
        _hub.Serve("main");

        (await FailsAsync()).Should().Contain(problem);
    }

    [Theory]
    [InlineData(401, null, "", "no repository 'org/name', or it is private*HF_TOKEN*http://127.0.0.1:*/org/name")]
    [InlineData(401, null, "hf_x", "no repository 'org/name', or it is private*the token (HF_TOKEN or ModelCache:Sources:HuggingFaceToken) must be valid*")]
    [InlineData(401, "RepoNotFound", "", "no repository 'org/name'*set a token*")]
    [InlineData(403, "GatedRepo", "hf_x", "gated: accept its conditions at http://127.0.0.1:*/org/name*")]
    [InlineData(401, "GatedRepo", "", "gated: accept its conditions at*HF_TOKEN*")]
    [InlineData(403, null, "hf_x", "access is refused*")]
    [InlineData(404, "RevisionNotFound", "", "the repository has no revision 'main'*")]
    [InlineData(404, "RepoNotFound", "", "there is no repository 'org/name'*")]
    [InlineData(404, null, "", "repository 'org/name' or its revision 'main' is not there*")]
    public async Task Resolve_Refusal_SaysWhatToDo(int status, string? code, string token, string advice)
    {
        (string, string)[] headers = code is null ? [] : [("X-Error-Code", code), ("X-Error-Message", "Said by the Hub.")];
        _server.On(TestHub.RevisionPath("main"), Answers.Status(status, headers));

        var message = await FailsAsync(settings: ("ModelCache:Sources:HuggingFaceToken", token));

        message.Should().Match($"Cannot get the revision 'main' of the Hugging Face repository 'org/name': *{status}*; *{advice}*");
        message.Should().NotContain("hf_x");
        if (code is not null)
        {
            message.Should().EndWith("(it says: Said by the Hub).");
        }
    }

    [Fact]
    public async Task Resolve_RateLimit_SaysHowLong()
    {
        _server.On(TestHub.RevisionPath("main"), Answers.Status(429, ("RateLimit", "\"api\";r=0;t=55"), ("Retry-After", "60")));

        (await FailsAsync()).Should().Contain("429").And.Contain("try again in 55 s").And.Contain("HF_TOKEN");
        _server.RequestsFor(TestHub.RevisionPath("main")).Should().ContainSingle("a wait of 60 s is longer than what is waited for");
    }

    [Fact]
    public async Task Publish_Token_IsSentToTheEndpointAndNotToTheContentNetwork()
    {
        await Cache(settings: ("ModelCache:Sources:HuggingFaceToken", "hf_secret")).PublishAsync();

        var (cdn, own) = (_server.Requests.Where(r => r.Path.StartsWith("/cdn/", StringComparison.Ordinal)).ToList(), _server.Requests.Where(r => !r.Path.StartsWith("/cdn/", StringComparison.Ordinal)));
        cdn.Should().NotBeEmpty().And.OnlyContain(r => r.Authorization == null && r.Host.StartsWith("localhost"));
        own.Should().NotBeEmpty().And.OnlyContain(r => r.Authorization == "Bearer hf_secret");
    }

    [Fact]
    public async Task Publish_RedirectToAnUnknownHost_IsRefused()
    {
        var publish = async () => await Cache(settings: ("ModelCache:Sources:AllowedHosts:0", "cdn.example.com")).PublishAsync();

        (await FailsAsync(publish)).Should().Contain("'localhost'").And.Contain("ModelCache:Sources:AllowedHosts").And.NotContain("secret");
        _server.Requests.Should().NotContain(r => r.Path.StartsWith("/cdn/"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resolve_HtmlInsteadOfJson_IsRefused(bool isRevision)
    {
        _server.On(isRevision ? TestHub.RevisionPath("main") : TestHub.Tree, Answers.Body("<html>Sign in</html>"u8.ToArray(), "text/html"));

        (await FailsAsync()).Should().Contain("HTML page");
    }

    [Theory]
    [InlineData("""{"sha":"short"}""")]
    [InlineData("""{"sha":"FD231A4267324856DF11FAF5BD2C3A39A02B4D77"}""")]
    [InlineData("""{"id":"org/name"}""")]
    [InlineData("""{"sha":null}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("not json")]
    public async Task Resolve_AnswerWithoutACommit_IsRefused(string json)
    {
        _server.On(TestHub.RevisionPath("main"), Answers.Body(Encoding.UTF8.GetBytes(json), "application/json"));

        (await FailsAsync()).Should().Contain("the revision 'main'");
    }

    [Fact]
    public async Task Resolve_CommitAnsweredWithAnother_IsRefused()
    {
        _server.On(TestHub.RevisionPath(TestHub.Commit), TestHub.Json(new { sha = TestHub.Other }));

        (await FailsAsync($"hf://org/name@{TestHub.Commit}")).Should().Contain("expected the commit that was asked for");
    }

    [Fact]
    public async Task Resolve_PinOnABranchThatMovedOn_AsksForTheCommit()
    {
        _server.On(TestHub.RevisionPath("v1"), TestHub.Json(new { sha = TestHub.Other }));
        _server.Requests.Clear();

        var resolution = await ResolveAsync("hf://org/name@v1", TestHub.Commit.ToUpperInvariant());

        resolution.Digest.Should().Be(TestHub.Commit);
        resolution.Files.Select(f => f.Path).Should().Contain("models--org--name/refs/v1");
        _server.RequestsFor(TestHub.RevisionPath("v1")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("hf://org/name", "main", "expected*commit of 40 hex digits*")]
    [InlineData("hf://org/name@0123456789abcdef0123456789abcdef01234567", TestHub.Commit, "take one of them out")]
    public async Task Resolve_PinThatCannotBe_IsRefused(string uri, string pin, string problem) =>
        (await FailsAsync(uri, pin)).Should().Match($"ModelCache:Models:0:Digest*{problem.Replace("expected*", "*", StringComparison.Ordinal)}*");

    [Fact]
    public async Task Resolve_OllamaKind_IsRefused() =>
        (await FailsAsync(settings: ("ModelCache:Models:0:Kind", "ollama"))).Should().StartWith("ModelCache:Models:0:Kind is 'ollama'");

    [Fact]
    public async Task Publish_OtherPatterns_MakesAnotherVersionThatAPinFinds()
    {
        var first = await Cache().PublishAsync();
        var pin = ("ModelCache:Models:0:Digest", TestHub.Commit);
        var patterns = ("ModelCache:Models:0:IgnorePatterns:0", "README.md");

        var narrowed = await Cache(patterns).PublishAsync();

        narrowed.Action.Should().Be(PublishAction.Published);
        narrowed.Version.Source.Digest.Should().MatchRegex($"^{TestHub.Commit};files=[0-9a-f]{{12}}$");
        narrowed.Version.Version.Should().NotBe(first.Version.Version);
        narrowed.BytesPulled.Should().BeLessThan(3000, "the weights are copied on the server");
        (await Cache(patterns).PublishAsync()).Action.Should().Be(PublishAction.Unchanged);
        (await Cache(patterns, pin).PublishAsync()).Action.Should().Be(PublishAction.Unchanged);
        (await Cache(patterns, ("ModelCache:Models:0:Digest", narrowed.Version.Source.Digest)).PublishAsync(PublishMode.Start)).Version.Version
            .Should().Be(narrowed.Version.Version);
    }

    [Fact]
    public async Task Start_PinnedCommitOfAVersionWithPatterns_IsAHit()
    {
        var patterns = ("ModelCache:Models:0:IgnorePatterns:0", "README.md");
        await Cache(patterns).PublishAsync();
        _server.Requests.Clear();
        var cache = Cache(patterns, ("ModelCache:Models:0:Digest", TestHub.Commit));

        await cache.StartAndGetAsync();

        cache.Cache.Status.CacheHit.Should().BeTrue();
        _server.Requests.Should().BeEmpty();
    }

    private TestCache Cache(params (string Key, string Value)[] settings)
    {
        (string Key, string Value)[] defaults =
        [
            ("ModelCache:Models:0:Kind", "sbert"),
            ("ModelCache:Models:0:Source", "hf://org/name"),
            ("ModelCache:Sources:HuggingFaceEndpoint", _server.Address.ToString()),
            ("ModelCache:Sources:HuggingFaceToken", ""),
            ("ModelCache:Sources:AllowedHosts:0", "localhost"),
        ];
        var cache = new TestCache(
            _store,
            new TestSource(),
            builder => builder.Services.AddSingleton(SourceHttpHarness.Fast),
            [.. settings.Concat(defaults).DistinctBy(s => s.Key)]);
        _caches.Add(cache);
        return cache;
    }

    private Task<ModelResolution> ResolveAsync(string uri = "hf://org/name", string? digest = null, params (string Key, string Value)[] settings)
    {
        var cache = Cache(settings);
        var request = cache.Wanted.ToRequest() with { Uri = uri, Digest = digest };
        return cache.Services.GetRequiredService<ModelSources>().ResolveAsync(request, TestContext.Current.CancellationToken);
    }

    private Task<string> FailsAsync(string uri = "hf://org/name", string? digest = null, params (string Key, string Value)[] settings) =>
        FailsAsync(() => ResolveAsync(uri, digest, settings));

    private static async Task<string> FailsAsync(Func<Task> action)
    {
        var message = (await action.Should().ThrowAsync<ModelCacheException>()).Which.Message;
        message.Should().NotContain("\n");
        return message;
    }

    private static async Task<byte[]> ReadAsync(SourceFile file)
    {
        await using var stream = await file.OpenReadAsync();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
