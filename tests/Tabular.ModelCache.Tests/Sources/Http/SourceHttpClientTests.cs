using System.Net;
using System.Text;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources.Http;

/// <summary>Small documents over real HTTP: a clean retry, or an error of one line that says what to do.</summary>
public sealed class SourceHttpClientTests : IAsyncLifetime
{
    private const string Path = "/document";

    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Uri Document => new(_server.Address, "document?secret=1");

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Get_Success_HasBytesTypeAndHeaders()
    {
        _server.On(Path, Answers.Body("{}"u8.ToArray(), "application/json; charset=utf-8", ("X-One", "1")));
        using var http = new SourceHttpHarness();

        var document = await http.Client.GetAsync(SourceHttpHarness.Request(Document) with { Accept = "application/json" }, 100, Token);

        document.Bytes.Should().Equal("{}"u8.ToArray());
        document.MediaType.Should().Be("application/json");
        document.Headers.GetValues("X-One").Should().Equal("1");
        var request = _server.Requests.Single();
        request.Headers["Accept"].Should().Be("application/json");
        request.Headers["Accept-Encoding"].Should().Be("identity");
        request.Headers["User-Agent"].Should().StartWith("Tabular.ModelCache/");
    }

    [Theory]
    [InlineData(401, "*401*sign-in*")]
    [InlineData(403, "*403*access is refused*")]
    [InlineData(404, "*404*no such thing*")]
    [InlineData(418, "*418*no answer of such a source*")]
    public async Task Get_Refused_FailsAtOnceAndKeepsTheQueryToItself(int status, string message)
    {
        _server.On(Path, Answers.Status(status));
        using var http = new SourceHttpHarness();

        var error = await FailAsync(http, Document);

        error.Should().Match(message).And.Contain("the thing").And.Contain("/document").And.NotContain("secret").And.NotContain("\n");
        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task Get_RefusedWithAdvice_GivesIt()
    {
        _server.On(Path, Answers.Status(403, ("X-Error-Code", "GatedRepo")));
        using var http = new SourceHttpHarness();

        var get = () => http.Client.GetAsync(
            SourceHttpHarness.Request(Document) with { Advise = r => $"the code is {r.Headers.GetValues("X-Error-Code").Single()}" }, 10, Token);

        (await get.Should().ThrowAsync<ModelCacheException>()).WithMessage("*403 Forbidden; the code is GatedRepo.");
    }

    [Fact]
    public async Task Get_TooManyRequests_WaitsAsLongAsItWasAskedTo()
    {
        // Were Retry-After not honoured, the wait would be of the hour that is the backoff here.
        _server.On(Path, Answers.Status(429, ("Retry-After", "0")), Answers.Body("ok"u8.ToArray()));
        using var http = new SourceHttpHarness(new() { Backoff = TimeSpan.FromHours(1), LongestBackoff = TimeSpan.FromHours(1) });

        var document = await http.Client.GetAsync(SourceHttpHarness.Request(Document), 10, Token);

        document.Bytes.Should().HaveCount(2);
        _server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Get_TooManyRequestsForHours_SaysSoAtOnce()
    {
        _server.On(Path, Answers.Status(429, ("Retry-After", "7200")));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match("*429*asks to wait for 7200 s*");
        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task Get_TooManyRequestsUntilADate_MeasuresItByTheClockOfTheServer()
    {
        _server.On(
            Path,
            Answers.Status(429, ("Date", "Wed, 21 Oct 2015 09:28:00 GMT"), ("Retry-After", "Wed, 21 Oct 2015 09:28:00 GMT")),
            Answers.Status(429, ("Date", "Wed, 21 Oct 2015 09:28:00 GMT"), ("Retry-After", "Wed, 21 Oct 2015 11:28:00 GMT")));
        using var http = new SourceHttpHarness(new() { Backoff = TimeSpan.FromHours(1), LongestBackoff = TimeSpan.FromHours(1) });

        (await FailAsync(http, Document)).Should().Match("*429*asks to wait for 7200 s*");
        _server.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Get_ServerErrorsThenSuccess_Succeeds()
    {
        _server.On(Path, Answers.Status(500), Answers.Status(408), c => Abort(c), Answers.Status(503), Answers.Body("ok"u8.ToArray()));
        using var http = new SourceHttpHarness();

        (await http.Client.GetAsync(SourceHttpHarness.Request(Document), 10, Token)).Bytes.Should().HaveCount(2);
        _server.Requests.Should().HaveCount(5);
    }

    [Fact]
    public async Task Get_ServerErrorsForEver_EndsAfterFiveAttempts()
    {
        _server.On(Path, Answers.Status(502));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match("*502 Bad Gateway*5 attempts*try again later*");
        _server.Requests.Should().HaveCount(5);
    }

    [Fact]
    public async Task Get_HtmlPage_IsRefused()
    {
        _server.On(Path, Answers.Body("<html>"u8.ToArray(), "text/html; charset=utf-8"));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match("*HTML page*proxy*");
    }

    [Theory]
    [InlineData(1L << 30, "*1073741824 bytes where at most 1000*")]
    [InlineData(null, "*more where at most 1000*")]
    public async Task Get_Huge_IsRefusedWithoutBeingRead(long? announced, string message)
    {
        var written = 0L;
        _server.On(Path, Answers.Endless(announced, total => Interlocked.Exchange(ref written, total)));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document, 1000)).Should().Match(message);

        // What lies in the buffers of two sockets, and far from all.
        Interlocked.Read(ref written).Should().BeLessThan(64 << 20);
    }

    [Fact]
    public async Task Get_BodyBreaksOff_IsReadAgain()
    {
        var content = Encoding.ASCII.GetBytes(new string('x', 500));
        _server.On(Path, Answers.WholeFile(content, breakAfter: 100), Answers.WholeFile(content));
        using var http = new SourceHttpHarness();

        (await http.Client.GetAsync(SourceHttpHarness.Request(Document), 1000, Token)).Bytes.Should().Equal(content);
    }

    [Fact]
    public async Task Get_BodyBreaksOffForEver_Fails()
    {
        _server.On(Path, Answers.WholeFile(new byte[500], breakAfter: 100));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document, 1000)).Should().Match("*broke off 5 times*");
        _server.Requests.Should().HaveCount(5);
    }

    [Fact]
    public async Task Get_RedirectToAnotherHost_NamesTheSettingAndIsNotFollowed()
    {
        _server.On(Path, Answers.Redirect($"{_server.OtherAddress}elsewhere?signature=2"));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match("*redirected to the host 'localhost'*ModelCache:Sources:AllowedHosts*").And.NotContain("signature");
        _server.Requests.Should().HaveCount(1);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Get_RedirectToAnAllowedHost_CarriesNoCredential(int status)
    {
        _server.On(Path, Answers.Redirect("/moved", status));
        _server.On("/moved", Answers.Redirect($"{_server.OtherAddress}elsewhere", status));
        _server.On("/elsewhere", Answers.Redirect($"{_server.Address}back", status));
        _server.On("/back", Answers.Body("ok"u8.ToArray()));
        using var http = new SourceHttpHarness();

        var document = await http.Client.GetAsync(
            SourceHttpHarness.Request(Document, "localhost") with { Credential = new TestCredential("t") }, 10, Token);

        document.Uri.AbsolutePath.Should().Be("/back");
        _server.Requests.Select(r => (r.Path, r.Authorization)).Should().Equal(
            (Path, "Bearer t"), ("/moved", "Bearer t"), ("/elsewhere", null), ("/back", null));
    }

    [Fact]
    public async Task Get_RedirectForEver_Fails()
    {
        _server.On(Path, Answers.Redirect(Path));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match("*redirected more than 5 times*");
        _server.Requests.Should().HaveCount(6);
    }

    [Fact]
    public async Task Get_RedirectWithoutLocation_Fails()
    {
        _server.On(Path, Answers.Status(302));
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match("*302 Found without an address*");
    }

    [Fact]
    public async Task Get_RedirectFromHttpsToHttp_IsNotFollowed()
    {
        using var handler = new StubHandler(_ => new(HttpStatusCode.Found) { Headers = { Location = new("http://registry.test/x") } });
        using var http = new SourceHttpHarness(primary: () => handler);

        (await FailAsync(http, new("https://registry.test/a"))).Should().Match("*from https to http://registry.test*");
        handler.Requests.Should().Be(1);
    }

    [Fact]
    public async Task Get_Unauthorized_RenewsTheCredentialOnce()
    {
        _server.On(Path, Answers.Status(401), Answers.Status(401), Answers.Body("never"u8.ToArray()));
        using var http = new SourceHttpHarness();

        var get = () => http.Client.GetAsync(
            SourceHttpHarness.Request(Document) with { Credential = new TestCredential("a", "b", "c") }, 10, Token);

        await get.Should().ThrowAsync<ModelCacheException>().WithMessage("*401*");
        _server.Requests.Select(r => r.Authorization).Should().Equal("Bearer a", "Bearer b");
    }

    [Fact]
    public async Task Get_NobodyListens_SaysWhatToCheck()
    {
        await _server.DisposeAsync();
        using var http = new SourceHttpHarness();

        (await FailAsync(http, Document)).Should().Match($"*no connection (ConnectionRefused*127.0.0.1:{_server.Port}*");
    }

    [Fact]
    public async Task Get_NoTls_FailsAtOnce()
    {
        using var http = new SourceHttpHarness();

        (await FailAsync(http, new($"https://127.0.0.1:{_server.Port}/x"))).Should().Match("*TLS could not be agreed on*certificate of '127.0.0.1'*");
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, 5, "*host 'registry.test' has no address*")]
    [InlineData(HttpRequestError.ProxyTunnelError, 5, "*proxy refused*HTTPS_PROXY*")]
    public async Task Get_NoWayThere_SaysWhatToCheck(HttpRequestError problem, int attempts, string message)
    {
        using var handler = new StubHandler(_ => throw new HttpRequestException(problem, "no"));
        using var http = new SourceHttpHarness(primary: () => handler);

        (await FailAsync(http, new("https://registry.test/a"))).Should().Match(message);
        handler.Requests.Should().Be(attempts);
    }

    [Fact]
    public async Task Get_CancelledDuringTheBody_EndsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        _server.On(Path, Answers.File(new byte[100], breakAfter: 10, hold: async context =>
        {
            await stop.CancelAsync();
            await Answers.UntilAborted(context);
        }));
        using var http = new SourceHttpHarness();

        var get = () => http.Client.GetAsync(SourceHttpHarness.Request(Document), 1000, stop.Token);

        await get.Should().ThrowAsync<OperationCanceledException>();
    }

    private static Task Abort(Microsoft.AspNetCore.Http.HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task<string> FailAsync(SourceHttpHarness http, Uri uri, int limit = 100)
    {
        var get = () => http.Client.GetAsync(SourceHttpHarness.Request(uri), limit, Token);
        return (await get.Should().ThrowAsync<ModelCacheException>()).Which.Message;
    }
}
