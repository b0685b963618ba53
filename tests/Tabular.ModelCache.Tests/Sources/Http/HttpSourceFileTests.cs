using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Sources.Http;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources.Http;

/// <summary>Files over real HTTP: the promised bytes, however often the connection breaks, or an error.</summary>
public sealed class HttpSourceFileTests : IAsyncLifetime
{
    private const string Path = "/file";
    private const string Presigned = "/presigned";

    private readonly byte[] _content = RandomNumberGenerator.GetBytes(300_000);
    private readonly SourceHttpHarness _http = new();
    private ScriptedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Uri Address => new(_server.Address, "file");

    private HttpSourceFile Plain => _http.File(Address, _content);

    private HttpSourceFile Redirected => _http.File(
        SourceHttpHarness.Request(Address, "localhost") with { Credential = new TestCredential("t") }, _content);

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Read_Whole_IsOneRequestWithoutRange()
    {
        _server.On(Path, Answers.File(_content));

        (await ReadAsync(Plain)).Should().Equal(_content);
        _server.Requests.Should().ContainSingle().Which.Range.Should().BeNull();
    }

    [Fact]
    public async Task Read_Empty_IsEmpty()
    {
        _server.On(Path, Answers.File([]));

        (await ReadAsync(_http.File(Address, []))).Should().BeEmpty();
    }

    [Fact]
    public async Task OpenRange_Parts_AreExactlyThose()
    {
        _server.On(Path, Answers.File(_content));
        var file = Plain;

        foreach (var (offset, count) in new[] { (0, 1), (1, 99_999), (100_000, 200_000), (0, 300_000) })
        {
            (await ReadAsync(file, offset, count)).Should().Equal(_content[offset..(offset + count)]);
        }

        file.SupportsRanges.Should().BeTrue();
        _server.Requests.Select(r => r.Range).Should().Equal("bytes=0-0", "bytes=1-99999", "bytes=100000-299999", "bytes=0-299999");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task OpenRead_OtherLength_IsRefusedBeforeAnyByte(int difference)
    {
        _server.On(Path, Answers.File(new byte[_content.Length + difference]));

        var open = () => Plain.OpenReadAsync(Token);

        await open.Should().ThrowAsync<ModelCacheException>().WithMessage($"*{_content.Length + difference} bytes where {_content.Length} were promised*");
    }

    [Fact]
    public async Task Read_UnknownLengthAndTooLong_Fails()
    {
        _server.On(Path, async context =>
        {
            await context.Response.Body.WriteAsync(_content);
            await context.Response.Body.WriteAsync(new byte[1]);
        });

        await Failing(Plain).Should().ThrowAsync<ModelCacheException>().WithMessage("*more than the 300000 bytes*");
    }

    [Fact]
    public async Task Read_UnknownLength_IsRead()
    {
        _server.On(Path, async context => await context.Response.Body.WriteAsync(_content));

        (await ReadAsync(Plain)).Should().Equal(_content);
    }

    [Fact]
    public async Task Read_ResetInMidBody_GoesOnFromThere()
    {
        var reset = new TaskCompletionSource();
        _server.On(Path, Answers.File(_content, breakAfter: 100_000, hold: _ => reset.Task), Answers.File(_content));
        await using var stream = await Plain.OpenReadAsync(Token);
        var read = new byte[_content.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 100_000), Token);
        reset.SetResult();
        await stream.ReadExactlyAsync(read.AsMemory(100_000), Token);

        read.Should().Equal(_content);
        _server.Requests.Select(r => r.Range).Should().Equal(null, "bytes=100000-299999");
    }

    [Fact]
    public async Task Read_ShortBodies_GoesOnFromThere()
    {
        _server.On(Path, Answers.File(_content, "\"one\"", breakAfter: 100_000), Answers.File(_content, "\"one\"", breakAfter: 50_000), Answers.File(_content, "\"one\""));

        (await ReadAsync(Plain)).Should().Equal(_content);
        _server.Requests.Select(r => r.Range).Should().Equal(null, "bytes=100000-299999", "bytes=150000-299999");
    }

    [Fact]
    public async Task ReadRange_ShortBody_GoesOnFromThere()
    {
        _server.On(Path, Answers.File(_content, breakAfter: 10_000), Answers.File(_content));

        (await ReadAsync(Plain, 50_000, 100_000)).Should().Equal(_content[50_000..150_000]);
        _server.Requests.Select(r => r.Range).Should().Equal("bytes=50000-149999", "bytes=60000-149999");
    }

    [Fact]
    public async Task Read_ShortForEver_EndsAfterFiveFailures()
    {
        _server.On(Path, Answers.File(_content, breakAfter: 1000));

        await Failing(Plain).Should().ThrowAsync<ModelCacheException>().WithMessage("*the thing*broke off at byte * of 300000*failure 5*");
        _server.Requests.Should().HaveCount(5);
    }

    [Fact]
    public async Task Read_ShortAndNoRanges_SaysSo()
    {
        _server.On(Path, Answers.WholeFile(_content, breakAfter: 100_000), Answers.WholeFile(_content));
        var file = Plain;

        await Failing(file).Should().ThrowAsync<ModelCacheException>().WithMessage("*broke off at byte*gives no ranges*pull it again*");
        file.SupportsRanges.Should().BeFalse();
    }

    [Fact]
    public async Task OpenRange_AnsweredWithTheWhole_IsNotSupported()
    {
        _server.On(Path, Answers.WholeFile(_content));
        var file = Plain;
        file.SupportsRanges.Should().BeTrue();

        var open = () => file.OpenRangeAsync(0, 100, Token);

        await open.Should().ThrowAsync<NotSupportedException>();
        await open.Should().ThrowAsync<NotSupportedException>();
        file.SupportsRanges.Should().BeFalse();
        _server.Requests.Should().HaveCount(1);
        (await ReadAsync(file)).Should().Equal(_content);
    }

    [Theory]
    [InlineData("bytes 0-99/300001")]
    [InlineData("bytes 1-100/300000")]
    [InlineData("bytes 0-98/300000")]
    [InlineData("bytes 0-99/*")]
    [InlineData(null)]
    public async Task OpenRange_OtherContentRange_IsRefused(string? contentRange)
    {
        _server.On(Path, async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = contentRange;
            await context.Response.Body.WriteAsync(new byte[100]);
        });

        var open = () => Plain.OpenRangeAsync(0, 100, Token);

        await open.Should().ThrowAsync<ModelCacheException>().WithMessage("*asked for 'bytes 0-99/300000'*");
    }

    [Fact]
    public async Task OpenRange_BeyondTheEnd_SaysThatTheFileChanged()
    {
        _server.On(Path, Answers.File(_content[..1000]));

        var open = () => Plain.OpenRangeAsync(2000, 100, Token);

        await open.Should().ThrowAsync<ModelCacheException>().WithMessage("*416*300000 bytes were promised*");
    }

    [Fact]
    public async Task Read_ChangedInMidBody_IsNeverMixed()
    {
        _server.On(Path, Answers.File(_content, "\"one\"", breakAfter: 100_000), Answers.File(new byte[_content.Length], "\"two\""));

        await Failing(Plain).Should().ThrowAsync<ModelCacheException>().WithMessage("*has changed while it was read*\"one\"*\"two\"*");
    }

    [Fact]
    public async Task Read_Stalled_GoesOnOverANewConnection()
    {
        var time = new FakeTimeProvider();
        using var http = new SourceHttpHarness(time: time);
        _server.On(Path, Answers.File(_content, breakAfter: 1000, hold: Answers.UntilAborted), Answers.File(_content));
        await using var stream = await http.File(Address, _content).OpenReadAsync(Token);
        var buffer = new byte[_content.Length];
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 1000), Token);

        var rest = stream.ReadExactlyAsync(buffer.AsMemory(1000), Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(29));
        rest.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        await rest.WaitAsync(TimeSpan.FromSeconds(30), Token);

        buffer.Should().Equal(_content);
        _server.Requests.Last().Range.Should().Be("bytes=1000-299999");
    }

    [Fact]
    public async Task Read_CancelledWhileStalled_EndsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        _server.On(Path, Answers.File(_content, breakAfter: 1000, hold: Answers.UntilAborted));
        await using var stream = await Plain.OpenReadAsync(Token);
        await stream.ReadExactlyAsync(new byte[1000], Token);

        var read = stream.ReadAsync(new byte[10], stop.Token).AsTask();
        await stop.CancelAsync();

        var wait = () => read.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await wait.Should().ThrowAsync<OperationCanceledException>();
        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task Read_HtmlPage_IsRefused()
    {
        _server.On(Path, Answers.Body(_content, "text/html"));

        await Failing(Plain).Should().ThrowAsync<ModelCacheException>().WithMessage("*HTML page*");
    }

    [Fact]
    public async Task Read_Compressed_IsRefused()
    {
        _server.On(Path, Answers.Body(_content, "application/octet-stream", ("Content-Encoding", "gzip")));

        await Failing(Plain).Should().ThrowAsync<ModelCacheException>().WithMessage("*encoding 'gzip'*");
    }

    [Fact]
    public async Task OpenRange_Presigned_IsResolvedOnceForAllAndWithoutCredential()
    {
        _server.On(Path, Answers.Redirect($"{_server.OtherAddress}presigned?signature=1"));
        _server.On(Presigned, Answers.File(_content, "\"one\""));
        var file = Redirected;

        var parts = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ReadAsync(file, i * 50_000, 50_000)));

        parts.SelectMany(p => p).Should().Equal(_content);
        _server.RequestsFor(Path).Should().ContainSingle().Which.Authorization.Should().Be("Bearer t");
        _server.RequestsFor(Presigned).Should().HaveCount(6).And.OnlyContain(r => r.Authorization == null && r.Method == "GET" && r.Host.StartsWith("localhost"));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Read_PresignedExpiresInMidFile_IsResolvedAgain(int refusal)
    {
        _server.On(
            Path, Answers.Redirect($"{_server.OtherAddress}presigned?signature=1"), Answers.Redirect($"{_server.OtherAddress}presigned?signature=2"));
        _server.On(Presigned, Answers.File(_content, breakAfter: 100_000), Answers.Status(refusal), Answers.File(_content));

        (await ReadAsync(Redirected)).Should().Equal(_content);

        _server.Requests.Select(r => (r.Path, r.Query)).Should().Equal(
            (Path, ""), (Presigned, "?signature=1"), (Presigned, "?signature=1"), (Path, ""), (Presigned, "?signature=2"));
        _server.RequestsFor(Path).Should().OnlyContain(r => r.Authorization == "Bearer t");
    }

    [Fact]
    public async Task Read_PresignedRefusedWhileFresh_FailsWithoutTheSignature()
    {
        _server.On(Path, Answers.Redirect($"{_server.OtherAddress}presigned?signature=1"));
        _server.On(Presigned, Answers.Status(403));

        (await Failing(Redirected).Should().ThrowAsync<ModelCacheException>()).Which.Message.Should()
            .Match("*localhost*/presigned*403*").And.NotContain("signature");
        _server.Requests.Should().HaveCount(2);
    }

    private static Func<Task> Failing(HttpSourceFile file) => () => ReadAsync(file);

    private static async Task<byte[]> ReadAsync(HttpSourceFile file)
    {
        await using var stream = await file.OpenReadAsync(Token);
        return await ReadAsync(stream);
    }

    private static async Task<byte[]> ReadAsync(HttpSourceFile file, long offset, long count)
    {
        await using var stream = await file.OpenRangeAsync(offset, count, Token);
        return await ReadAsync(stream);
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Token);
        return all.ToArray();
    }
}
