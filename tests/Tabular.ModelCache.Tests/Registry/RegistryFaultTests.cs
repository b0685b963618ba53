using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Registry;

public sealed class RegistryFaultTests
{
    private const int Size = 3_000_000;
    private const string Address = "org/model/resolve/main/file";

    private static readonly GeneratedFile File = GeneratedFile.Random("file", Size).WithLfs(false);

    [Fact]
    public async Task Status_WithRetryAfterOrRateLimit_IsSentWithItsHeaders()
    {
        var busy = await AskAsync(ModelRegistryFault.Error(503, TimeSpan.FromSeconds(7)));
        var limited = await AskAsync(ModelRegistryFault.RateLimited(TimeSpan.FromSeconds(55)));

        (busy.Status, busy["Retry-After"]).Should().Be((503, "7"));
        (limited.Status, limited["RateLimit"]).Should().Be((429, "\"api\";r=0;t=55"));
        limited["RateLimit-Policy"].Should().Contain("q=500");
    }

    [Fact]
    public async Task Redirect_Elsewhere_HasTheLocation()
    {
        var answer = await AskAsync(ModelRegistryFault.Redirect("http://169.254.169.254/"));

        (answer.Status, answer["Location"]).Should().Be((302, "http://169.254.169.254/"));
    }

    [Fact]
    public async Task HtmlPage_OfAProxy_IsStatus200()
    {
        var answer = await AskAsync(ModelRegistryFault.HtmlPage());

        answer.Status.Should().Be(200);
        answer["Content-Type"].Should().StartWith("text/html");
        answer.Text.Should().StartWith("<!DOCTYPE html>");
    }

    [Fact]
    public async Task Headers_Alone_ReplaceThoseOfTheRightAnswer()
    {
        var answer = await AskAsync(new ModelRegistryFault { Headers = new Dictionary<string, string> { ["ETag"] = "\"other\"" } });

        (answer.Status, answer["ETag"], answer.Body.Length).Should().Be((200, "\"other\"", Size));
    }

    [Fact]
    public async Task WithoutRanges_RequestOfARange_GetsTheWhole()
    {
        var answer = await AskAsync(ModelRegistryFault.WithoutRanges(), "bytes=5-9");

        (answer.Status, answer.Body.Length).Should().Be((200, Size));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bytes=1000000-2999999")]
    public async Task Corrupt_OnePosition_ChangesThatByteAlone(string? range)
    {
        var right = new byte[Size];
        File.Read(0, right);
        right[2_000_001] ^= 0x55;

        var answer = await AskAsync(ModelRegistryFault.Corrupt(2_000_001), range);

        answer.Body.Should().Equal(range is null ? right : right[1_000_000..]);
    }

    [Fact]
    public async Task ShortBody_Declared_LooksLikeAWholeAnswer()
    {
        var answer = await AskAsync(ModelRegistryFault.ShortBody(1_000_000, declared: true));

        (answer.Status, answer["Content-Length"], answer.Body.Length).Should().Be((200, "1000000", 1_000_000));
    }

    [Fact]
    public async Task ShortBody_Undeclared_EndsBeforeItsContentLength()
    {
        var (read, declared, error) = await ReadAsync(ModelRegistryFault.ShortBody(1_000_000, declared: false));

        declared.Should().Be(Size);
        read.Should().Be(1_000_000);
        error.Should().BeAssignableTo<IOException>();
    }

    [Fact]
    public async Task ResetAfter_SomeBytes_BreaksTheConnection()
    {
        var (read, declared, error) = await ReadAsync(ModelRegistryFault.ResetAfter(1_000_000));

        declared.Should().Be(Size);
        read.Should().BeLessThanOrEqualTo(1_000_000);
        error.Should().BeAssignableTo<IOException>();
    }

    [Fact]
    public async Task ResetBefore_Request_HasNoAnswer()
    {
        await FluentActions.Awaiting(() => AskAsync(ModelRegistryFault.ResetBefore())).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task StallAfter_SomeBytes_SendsThemAndNothingMore()
    {
        await using var test = await StartAsync(ModelRegistryFault.StallAfter(1_000_000));
        using var http = new HttpClient();
        await using var body = await http.GetStreamAsync(new Uri(test.Server.Endpoint, Address), TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[1_000_000], TestContext.Current.CancellationToken);

        using var giveUp = new CancellationTokenSource();
        var next = body.ReadAsync(new byte[1], giveUp.Token).AsTask();
        for (var i = 0; i < 20; i++)
        {
            // Another connection is served meanwhile: this one is held, not slow.
            await test.SendAsync("v2/");
        }

        next.IsCompleted.Should().BeFalse();
        test.Server.GetRequests().Should().NotContain(record => record.Request.Operation == "hub.resolve");
        await giveUp.CancelAsync();
        await FluentActions.Awaiting(() => next).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Delay_Request_IsHeldByTheClockOfTheServer()
    {
        var time = new InstantTime();
        await using var server = await ModelRegistryServer.StartAsync(
            new() { TimeProvider = time, Fault = _ => ModelRegistryFault.Delay(TimeSpan.FromHours(3)) }, TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(server.Endpoint, "v2/"), TestContext.Current.CancellationToken);

        ((int)answer.StatusCode).Should().Be(404);
        time.Waits.Should().Equal(TimeSpan.FromHours(3));
    }

    private static async Task<RegistryTestServer> StartAsync(ModelRegistryFault fault)
    {
        var test = await RegistryTestServer.StartAsync(new()
        {
            Fault = request => request is { Operation: "hub.resolve", Model: "org/model", File: "file" } ? fault : null,
        });
        test.Server.AddHubRepository("org/model", [File]);
        return test;
    }

    private static async Task<RegistryAnswer> AskAsync(ModelRegistryFault fault, string? range = null)
    {
        await using var test = await StartAsync(fault);
        return await test.SendAsync(Address, range: range);
    }

    private static async Task<(long Read, long? Declared, Exception? Error)> ReadAsync(ModelRegistryFault fault)
    {
        await using var test = await StartAsync(fault);
        using var http = new HttpClient();
        using var response = await http.GetAsync(
            new Uri(test.Server.Endpoint, Address), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[64 * 1024];
        long read = 0;
        try
        {
            while (await body.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                read += count;
            }

            return (read, response.Content.Headers.ContentLength, null);
        }
        catch (IOException e)
        {
            return (read, response.Content.Headers.ContentLength, e);
        }
    }

    /// <summary>A clock whose waits end at once and are written down.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
