using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Server;

/// <summary>The API as it goes over the wire, above all where emulators get it wrong.</summary>
public sealed class CloudStorageServerTests : IAsyncLifetime
{
    private const int Granule = 256 * 1024;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private CloudStorageServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await StartAsync(new CloudStorageServerOptions { TimeProvider = _time });

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Insert_Media_AnswersEveryFieldInItsType()
    {
        var json = await InsertAsync("a/b", "hello");

        json["kind"]!.GetValue<string>().Should().Be("storage#object");
        json["size"]!.GetValue<string>().Should().Be("5");
        json["metageneration"]!.GetValue<string>().Should().Be("1");
        json["generation"]!.GetValue<string>().Should().MatchRegex("^[0-9]+$");
        json["crc32c"]!.GetValue<string>().Should().Be("mnG7TA==");
        json["md5Hash"]!.GetValue<string>().Should().Be("XUFAKrxLKna5cZ2REBfFkg==");
        json["timeCreated"]!.GetValue<string>().Should().Be("2026-01-02T03:04:05.000Z");
        json["id"]!.GetValue<string>().Should().Be($"bucket/a/b/{json["generation"]}");
        json["selfLink"]!.GetValue<string>().Should().EndWith("/storage/v1/b/bucket/o/a%2Fb");
        (await _http.GetStringAsync(json["mediaLink"]!.GetValue<string>(), Token)).Should().Be("hello");
        (await InsertAsync("empty", ""))["size"]!.GetValue<string>().Should().Be("0");
    }

    [Fact]
    public async Task Get_Media_HasGooglesHeadersAndRanges()
    {
        var json = await InsertAsync("file", "0123456789");

        using var whole = await SendAsync(HttpMethod.Get, "storage/v1/b/bucket/o/file?alt=media");
        using var part = await SendAsync(HttpMethod.Get, "download/storage/v1/b/bucket/o/file?alt=media", r => r.Headers.Range = new(2, 4));
        using var tail = await SendAsync(HttpMethod.Get, "bucket/file", r => r.Headers.Range = new(null, 3));
        using var behind = await SendAsync(HttpMethod.Get, "storage/v1/b/bucket/o/file?alt=media", r => r.Headers.Range = new(10, null));

        whole.Headers.GetValues("X-Goog-Generation").Should().Equal(json["generation"]!.GetValue<string>());
        whole.Headers.GetValues("X-Goog-Metageneration").Should().Equal("1");
        whole.Headers.GetValues("X-Goog-Hash").Single().Should().StartWith("crc32c=").And.Contain("md5=");
        whole.Headers.ETag!.Tag.Should().Be($"\"{json["etag"]}\"");
        part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentRange!.ToString().Should().Be("bytes 2-4/10");
        (await part.Content.ReadAsStringAsync(Token)).Should().Be("234");
        (await tail.Content.ReadAsStringAsync(Token)).Should().Be("789");
        behind.StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
        behind.Content.Headers.ContentRange!.ToString().Should().Be("bytes */10");
    }

    [Fact]
    public async Task Change_Metadata_KeepsTheGenerationAndChangesTheEtag()
    {
        var before = await InsertAsync("file", "content");

        var patched = await JsonAsync(await SendAsync(HttpMethod.Patch, "storage/v1/b/bucket/o/file", Json("""{"contentType":"text/x","metadata":{"a":"1","b":"2"}}""")));
        var updated = await JsonAsync(await SendAsync(HttpMethod.Put, "storage/v1/b/bucket/o/file", Json("""{"metadata":{"b":"3"}}""")));

        patched["generation"]!.GetValue<string>().Should().Be(before["generation"]!.GetValue<string>());
        patched["metageneration"]!.GetValue<string>().Should().Be("2");
        patched["contentType"]!.GetValue<string>().Should().Be("text/x");
        patched["etag"]!.GetValue<string>().Should().NotBe(before["etag"]!.GetValue<string>());
        updated["metadata"]!.ToJsonString().Should().Be("""{"b":"3"}""");
        updated["metageneration"]!.GetValue<string>().Should().Be("3");
    }

    [Theory]
    [InlineData("ifGenerationMatch=1", 412)]
    [InlineData("ifGenerationMatch=0", 412)]
    [InlineData("ifMetagenerationMatch=2", 412)]
    [InlineData("ifMetagenerationNotMatch=1", 304)]
    [InlineData("ifGenerationNotMatch=GENERATION", 304)]
    [InlineData("ifGenerationMatch=GENERATION&ifMetagenerationMatch=1", 200)]
    public async Task AnyRequest_Precondition_Holds(string query, int status)
    {
        var json = await InsertAsync("file", "content");
        query = query.Replace("GENERATION", json["generation"]!.GetValue<string>(), StringComparison.Ordinal);
        (HttpMethod Method, string Path)[] requests =
        [
            (HttpMethod.Get, "storage/v1/b/bucket/o/file?"),
            (HttpMethod.Get, "storage/v1/b/bucket/o/file?alt=media&"),
            (HttpMethod.Patch, "storage/v1/b/bucket/o/file?"),
            (HttpMethod.Post, "upload/storage/v1/b/bucket/o?uploadType=media&name=file&"),
            (HttpMethod.Post, "storage/v1/b/bucket/o/other/rewriteTo/b/bucket/o/file?"),
            (HttpMethod.Post, "storage/v1/b/bucket/o/other/moveTo/o/file?"),
            (HttpMethod.Delete, "storage/v1/b/bucket/o/file?"),
        ];
        foreach (var (method, path) in requests.Where(_ => status != 200))
        {
            await InsertAsync("other", "content");
            using var response = await SendAsync(method, path + query);

            ((int)response.StatusCode).Should().Be(status, path);
            if (status == 412)
            {
                var error = (await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync(Token), cancellationToken: Token))!["error"]!;
                error["code"]!.GetValue<int>().Should().Be(412);
                error["errors"]![0]!["reason"]!.GetValue<string>().Should().Be("conditionNotMet");
            }
        }

        (await JsonAsync(await SendAsync(HttpMethod.Get, "storage/v1/b/bucket/o/file")))["etag"]!.ToString().Should().Be(json["etag"]!.ToString());
        using var deleted = await SendAsync(HttpMethod.Delete, $"storage/v1/b/bucket/o/file?{(status == 200 ? query : "")}");
        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Get_OldGeneration_IsGone()
    {
        var old = await InsertAsync("file", "one");
        await InsertAsync("file", "two");

        using var response = await SendAsync(HttpMethod.Get, $"storage/v1/b/bucket/o/file?alt=media&generation={old["generation"]}");

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("crc32c=AAAAAA==", 400)]
    [InlineData("md5=AAAAAAAAAAAAAAAAAAAAAA==", 400)]
    [InlineData("crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==", 200)]
    public async Task Insert_DeclaredHash_IsCompared(string hash, int status)
    {
        using var media = await SendAsync(HttpMethod.Post, "upload/storage/v1/b/bucket/o?uploadType=media&name=media", r =>
        {
            r.Content = new StringContent("hello");
            r.Headers.Add("X-Goog-Hash", hash);
        });
        var session = await StartUploadAsync("resumable");
        using var resumable = await SendAsync(HttpMethod.Put, session, r =>
        {
            r.Content = Chunk("hello"u8.ToArray(), "bytes 0-4/5");
            r.Headers.Add("X-Goog-Hash", hash);
        });

        ((int)media.StatusCode).Should().Be(status);
        ((int)resumable.StatusCode).Should().Be(status);
        _server.Mutations.Should().Be(status == 200 ? 2 : 0);
    }

    [Fact]
    public async Task Resumable_Chunks_ArePersistedInGranulesAndKnowNoGaps()
    {
        var session = await StartUploadAsync("file", "ifGenerationMatch=0");
        var content = new byte[(3 * Granule) + 5];
        new Random(1).NextBytes(content);

        (await PutAsync(session, [], "bytes */*")).Should().Be((308, null));
        (await PutAsync(session, content[..100], "bytes 0-99/*")).Should().Be((400, null), "a chunk is a multiple of 256 KiB");
        (await PutAsync(session, content[..Granule], $"bytes 0-{Granule - 1}/*")).Should().Be((308, $"bytes=0-{Granule - 1}"));
        (await PutAsync(session, content[(2 * Granule)..(3 * Granule)], $"bytes {2 * Granule}-{(3 * Granule) - 1}/*")).Should().Be((400, null), "there is a gap");
        (await PutAsync(session, content[..(2 * Granule)], $"bytes 0-{(2 * Granule) - 1}/*")).Should().Be((308, $"bytes=0-{(2 * Granule) - 1}"), "what is persisted is skipped");
        (await PutAsync(session, [], $"bytes */{content.Length}")).Should().Be((308, $"bytes=0-{(2 * Granule) - 1}"));
        _server.Mutations.Should().Be(0);
        (await PutAsync(session, content[(2 * Granule)..], $"bytes {2 * Granule}-{content.Length - 1}/{content.Length}")).Item1.Should().Be(200);
        (await PutAsync(session, [], "bytes */*")).Item1.Should().Be(200, "a complete upload says so again");

        _server.Mutations.Should().Be(1);
        (await _http.GetByteArrayAsync(new Uri(_server.Endpoint, "bucket/file"), Token)).Should().Equal(content);
    }

    [Fact]
    public async Task Resumable_CancelledOrExpired_IsGone()
    {
        var cancelled = await StartUploadAsync("a");
        await PutAsync(cancelled, new byte[Granule], $"bytes 0-{Granule - 1}/*");
        using var cancel = await SendAsync(HttpMethod.Delete, cancelled);
        var expired = await StartUploadAsync("b");
        _time.Advance(TimeSpan.FromDays(8));

        ((int)cancel.StatusCode).Should().Be(499);
        (await PutAsync(cancelled, [], "bytes */*")).Item1.Should().Be(404);
        (await PutAsync(expired, [], "bytes */*")).Item1.Should().Be(404);
        _server.Mutations.Should().Be(0);
    }

    [Fact]
    public async Task List_Delimiter_PagesThroughItemsAndFolders()
    {
        foreach (var name in new[] { "a/1", "a/2", "b", "c/1/x", "d" })
        {
            await InsertAsync(name, "x");
        }

        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await JsonAsync(await SendAsync(HttpMethod.Get, $"storage/v1/b/bucket/o?delimiter=/&maxResults=1&fields=prefixes,items(name),nextPageToken&pageToken={token}"));
            var names = (page["prefixes"]?.AsArray() ?? []).Select(n => n!.ToString()).Concat((page["items"]?.AsArray() ?? []).Select(n => n!["name"]!.ToString()));
            seen.Add(names.Should().ContainSingle().Which);
            token = page["nextPageToken"]?.ToString();
        }
        while (token is not null);

        seen.Should().Equal("a/", "b", "c/", "d");
        var range = await JsonAsync(await SendAsync(HttpMethod.Get, "storage/v1/b/bucket/o?prefix=a/&startOffset=a/2&endOffset=b"));
        range["items"]!.AsArray().Single()!["name"]!.ToString().Should().Be("a/2");
    }

    [Fact]
    public async Task Fields_Mask_SelectsAndABadOneChangesNothing()
    {
        await InsertAsync("file", "x");

        var masked = await JsonAsync(await SendAsync(HttpMethod.Get, "storage/v1/b/bucket/o?fields=items(name,size),items/etag,kind"));
        using var bad = await SendAsync(HttpMethod.Delete, "storage/v1/b/bucket/o/file?fields=items(");

        masked.Select(pair => pair.Key).Should().BeEquivalentTo("kind", "items");
        masked["items"]![0]!.AsObject().Select(pair => pair.Key).Should().BeEquivalentTo("name", "size", "etag");
        bad.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        _server.Mutations.Should().Be(1);
    }

    [Fact]
    public async Task Rewrite_InSeveralCalls_CopiesAtTheLastOne()
    {
        await InsertAsync("file", "0123456789");

        var first = await JsonAsync(await SendAsync(HttpMethod.Post, "storage/v1/b/bucket/o/file/rewriteTo/b/other/o/copy?maxBytesRewrittenPerCall=6"));
        _server.Mutations.Should().Be(1);
        var second = await JsonAsync(await SendAsync(HttpMethod.Post, $"storage/v1/b/bucket/o/file/rewriteTo/b/other/o/copy?maxBytesRewrittenPerCall=6&rewriteToken={first["rewriteToken"]}"));

        first["done"]!.GetValue<bool>().Should().BeFalse();
        first["totalBytesRewritten"]!.GetValue<string>().Should().Be("6");
        second["done"]!.GetValue<bool>().Should().BeTrue();
        second["resource"]!["bucket"]!.ToString().Should().Be("other");
        (await _http.GetStringAsync(new Uri(_server.Endpoint, "other/copy"), Token)).Should().Be("0123456789");
    }

    [Fact]
    public async Task Change_TwiceInASecond_IsRateLimited()
    {
        await _server.DisposeAsync();
        await StartAsync(new CloudStorageServerOptions { TimeProvider = _time, LimitMutationRate = true });
        await InsertAsync("file", "x");
        await InsertAsync("other", "x");

        using var refused = await SendAsync(HttpMethod.Patch, "storage/v1/b/bucket/o/file", Json("{}"));
        _time.Advance(TimeSpan.FromSeconds(1));
        using var accepted = await SendAsync(HttpMethod.Patch, "storage/v1/b/bucket/o/file", Json("{}"));

        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        (await refused.Content.ReadAsStringAsync(Token)).Should().Contain("rateLimitExceeded").And.Contain("gcs429");
        accepted.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task OnMutation_EachChange_RunsBeforeItsAnswer()
    {
        await _server.DisposeAsync();
        var held = new TaskCompletionSource();
        var seen = new TaskCompletionSource<CloudStorageRequest>();
        await StartAsync(new CloudStorageServerOptions
        {
            OnMutation = request =>
            {
                seen.SetResult(request);
                return held.Task;
            },
        });

        var answer = InsertAsync("file", "x");
        (await seen.Task).Should().BeEquivalentTo(new { Operation = "storage.objects.insert", Bucket = "bucket", Mutation = 1L });
        (await _server.GetStore("bucket").GetAsync("file", default, Token)).Should().NotBeNull();
        answer.IsCompleted.Should().BeFalse();
        held.SetResult();
        await answer;

        _server.GetRequests(clear: true).Single().ToString().Should().MatchRegex("^1 POST storage.objects.insert bucket/file 200 in=1 out=[0-9]+ changed$");
        _server.GetRequests().Should().BeEmpty();
    }

    [Fact]
    public async Task OnMutationAnswered_EachChange_RunsWhenTheClientHasTheAnswer()
    {
        await _server.DisposeAsync();
        var release = new TaskCompletionSource();
        var seen = new TaskCompletionSource<CloudStorageRequest>();
        await StartAsync(new CloudStorageServerOptions
        {
            OnMutationAnswered = request =>
            {
                if (request.Operation == "storage.objects.insert")
                {
                    return Task.CompletedTask;
                }

                seen.TrySetResult(request);
                return release.Task;
            },
        });
        await InsertAsync("file", "x");

        // Its answer has no body, and comes although what runs after it does not end.
        using var deleted = await SendAsync(HttpMethod.Delete, "storage/v1/b/bucket/o/file");

        deleted.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await seen.Task).Should().BeEquivalentTo(new { Operation = "storage.objects.delete", Bucket = "bucket", Mutation = 2L });
        release.SetResult();
    }

    private async Task StartAsync(CloudStorageServerOptions options) => _server = await CloudStorageServer.StartAsync(options, Token);

    private async Task<JsonObject> InsertAsync(string name, string content) => await JsonAsync(await SendAsync(
        HttpMethod.Post,
        $"upload/storage/v1/b/bucket/o?uploadType=media&name={Uri.EscapeDataString(name)}",
        r => r.Content = new StringContent(content)));

    private async Task<string> StartUploadAsync(string name, string query = "")
    {
        using var response = await SendAsync(HttpMethod.Post, $"upload/storage/v1/b/bucket/o?uploadType=resumable&name={name}&{query}", Json("{}"));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return response.Headers.Location!.AbsoluteUri;
    }

    private async Task<(int Status, string? Range)> PutAsync(string session, byte[] bytes, string range)
    {
        using var response = await SendAsync(HttpMethod.Put, session, r => r.Content = Chunk(bytes, range));
        return ((int)response.StatusCode, response.Headers.TryGetValues("Range", out var values) ? values.Single() : null);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? configure = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_server.Endpoint, path));
        configure?.Invoke(request);
        return await _http.SendAsync(request, Token);
    }

    private static Action<HttpRequestMessage> Json(string json) => r => r.Content = new StringContent(json, Encoding.UTF8, "application/json");

    private static ByteArrayContent Chunk(byte[] bytes, string range)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Range", range);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return content;
    }

    private static async Task<JsonObject> JsonAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Token);
            response.IsSuccessStatusCode.Should().BeTrue(text);
            return JsonNode.Parse(text)!.AsObject();
        }
    }
}
