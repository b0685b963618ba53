using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

public sealed class GoogleCloudRetryTests : CloudFixture
{
    private static readonly ObjectWriteOptions CreateOnly = new() { Preconditions = ObjectPreconditions.MustNotExist };

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Get_TransientStatus_IsRetried(int status)
    {
        await PutAsync("file");
        Script("storage.objects.get", CloudStorageFault.Error(status), CloudStorageFault.ResetBefore(), CloudStorageFault.LoseResponse());

        (await Store.GetAsync("file", default, Token))!.Size.Should().Be(7);

        Count("storage.objects.get").Should().Be(4);
    }

    [Theory]
    [InlineData(400, ObjectStoreError.InvalidRequest)]
    [InlineData(401, ObjectStoreError.Unauthenticated)]
    [InlineData(403, ObjectStoreError.PermissionDenied)]
    [InlineData(412, ObjectStoreError.PreconditionFailed)]
    [InlineData(501, ObjectStoreError.Unavailable)]
    public async Task Get_FinalStatus_IsNotRetried(int status, ObjectStoreError error)
    {
        Fault = _ => CloudStorageFault.Error(status, "forbidden");

        await FailsAsync(() => Store.GetAsync("file", default, Token), error);

        Server.GetRequests().Should().ContainSingle();
    }

    [Fact]
    public async Task Get_ServerStaysDown_EndsAfterFiveAttempts()
    {
        Fault = _ => CloudStorageFault.Error(503);

        var failure = await FailsAsync(() => Store.GetAsync("file", default, Token), ObjectStoreError.Unavailable);

        failure.Message.Should().Contain("5 attempts").And.Contain("gs://bucket/file");
        Server.GetRequests().Should().HaveCount(5);
    }

    [Fact]
    public async Task Write_WithoutPrecondition_IsNotRetriedAndTellsTheDoubt()
    {
        Fault = _ => CloudStorageFault.Error(503);

        await FailsAsync(() => PutAsync("file"), ObjectStoreError.Unavailable, outcomeUnknown: true);

        Server.GetRequests().Should().ContainSingle();
    }

    [Fact]
    public async Task Delete_WithoutGeneration_IsNotRetried()
    {
        await PutAsync("file");
        Script("storage.objects.delete", CloudStorageFault.Error(503));

        await FailsAsync(() => Store.DeleteAsync("file", null, Token), ObjectStoreError.Unavailable, outcomeUnknown: true);

        (await StoredAsync("file")).Should().NotBeNull();
    }

    [Fact]
    public async Task Write_RateLimited_LeavesNoDoubt()
    {
        Fault = _ => CloudStorageFault.Error(429, "rateLimitExceeded");

        await FailsAsync(() => PutAsync("file", options: CreateOnly), ObjectStoreError.RateLimited);

        Server.GetRequests().Should().HaveCount(5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_AnswerLost_IsSettledAsOurs(bool reset)
    {
        Script("storage.objects.insert", Lost(reset));

        var written = await PutAsync("file", options: new() { Preconditions = ObjectPreconditions.MustNotExist, Metadata = Nonce("a") });

        written.Generation.Should().Be((await StoredAsync("file"))!.Generation);
        Server.Mutations.Should().Be(1);
        Operations().Should().Equal("storage.objects.insert", "storage.objects.insert", "storage.objects.get");
    }

    [Fact]
    public async Task Write_AnswerLostAndAnotherWriterWon_IsPreconditionFailed()
    {
        // The same bytes with another nonce: only the metadata tells the writers apart.
        var beaten = false;
        Fault = request =>
        {
            if (request.Operation != "storage.objects.insert" || beaten)
            {
                return null;
            }

            beaten = true;
            var other = new ObjectWriteOptions { Metadata = Nonce("b") };
            Server.GetStore("bucket").WriteAsync("file", new MemoryStream("content"u8.ToArray()), other, Token).GetAwaiter().GetResult();
            return CloudStorageFault.Error(503);
        };

        await FailsAsync(
            () => PutAsync("file", options: new() { Preconditions = ObjectPreconditions.MustNotExist, Metadata = Nonce("a") }),
            ObjectStoreError.PreconditionFailed);
    }

    [Fact]
    public async Task Write_AnswerLostAndNothingCanBeRead_IsUnknown()
    {
        var lost = false;
        Fault = request => request.Operation == "storage.objects.get"
            ? CloudStorageFault.Error(503)
            : !lost && (lost = true) ? CloudStorageFault.LoseResponse() : null;

        await FailsAsync(() => PutAsync("file", options: CreateOnly), ObjectStoreError.Unavailable, outcomeUnknown: true);
    }

    [Fact]
    public async Task Write_RetriesOff_IsUnknownAfterOneRequest()
    {
        var lease = Connect(options => options with { Retries = false });
        Script("storage.objects.insert", CloudStorageFault.LoseResponse());

        await FailsAsync(
            () => lease.WriteAsync("file", new MemoryStream([1]), CreateOnly, Token), ObjectStoreError.Unavailable, outcomeUnknown: true);

        Server.GetRequests().Should().ContainSingle();
        (await StoredAsync("file")).Should().NotBeNull();
    }

    /// <summary>
    /// Without a body, the HTTP client of .NET sends a request again by itself when a connection that it had used before is closed
    /// without an answer: a change that took effect would then come back as "not found".
    /// </summary>
    [Theory]
    [InlineData("DELETE")]
    [InlineData("POST")]
    public async Task Change_ConnectionClosedUnanswered_IsSentOnce(string method)
    {
        using var server = new ClosingServer();
        var store = Connect(options => options with { Retries = false, Endpoint = StorageEndpoint.Parse(server.Address) });
        await store.GetAsync("from", default, Token);

        await FailsAsync(
            () => method == "DELETE"
                ? store.DeleteAsync("from", new() { Generation = 1 }, Token)
                : store.CopyAsync("from", "to", new() { Destination = ObjectPreconditions.MustNotExist }, Token),
            ObjectStoreError.Unavailable,
            outcomeUnknown: true);

        server.Requests.Should().Equal("GET", method);
    }

    [Fact]
    public async Task Write_NobodyListens_LeavesNoDoubt()
    {
        var lease = Connect(options => options with { Retries = false });
        await Server.DisposeAsync();

        await FailsAsync(() => lease.WriteAsync("file", new MemoryStream([1]), CreateOnly, Token), ObjectStoreError.Unavailable);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Patch_AnswerLost_IsSettledAsOurs(bool reset)
    {
        var written = await PutAsync("file");
        Script("storage.objects.patch", Lost(reset));

        var patched = await Store.PatchMetadataAsync(
            "file", new Dictionary<string, string?> { ["renewal"] = "7" }, ObjectPreconditions.Matches(written), Token);

        patched.Metageneration.Should().Be(2);
        patched.Metadata["renewal"].Should().Be("7");
    }

    [Fact]
    public async Task Patch_AnswerLostAndTakenOver_IsPreconditionFailed()
    {
        var written = await PutAsync("file");
        var beaten = false;
        Fault = request =>
        {
            if (request.Operation != "storage.objects.patch" || beaten)
            {
                return null;
            }

            beaten = true;
            var theirs = new Dictionary<string, string?> { ["renewal"] = "theirs" };
            Server.GetStore("bucket").PatchMetadataAsync("file", theirs, default, Token).GetAwaiter().GetResult();
            return CloudStorageFault.Error(502);
        };

        await FailsAsync(
            () => Store.PatchMetadataAsync(
                "file", new Dictionary<string, string?> { ["renewal"] = "7" }, ObjectPreconditions.Matches(written), Token),
            ObjectStoreError.PreconditionFailed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delete_AnswerLost_IsDone(bool reset)
    {
        var written = await PutAsync("file");
        Script("storage.objects.delete", Lost(reset));

        await Store.DeleteAsync("file", new() { Generation = written.Generation, Preconditions = ObjectPreconditions.Matches(written) }, Token);

        (await StoredAsync("file")).Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Move_AnswerLost_IsSettledAsOurs(bool reset)
    {
        await PutAsync("from");
        Script("storage.objects.move", Lost(reset));

        var moved = await Store.MoveAsync("from", "to", new() { Destination = ObjectPreconditions.MustNotExist }, Token);

        moved.Generation.Should().Be((await StoredAsync("to"))!.Generation);
        (await StoredAsync("from")).Should().BeNull();
    }

    [Fact]
    public async Task Move_AnswerLostAndTheSourceStillThere_IsPreconditionFailed()
    {
        await PutAsync("from");
        await PutAsync("to");
        Script("storage.objects.move", CloudStorageFault.Error(503));

        await FailsAsync(
            () => Store.MoveAsync("from", "to", new() { Destination = ObjectPreconditions.MustNotExist }, Token),
            ObjectStoreError.PreconditionFailed);

        (await StoredAsync("from")).Should().NotBeNull();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(501)]
    public async Task Move_ServerKnowsNoMove_CopiesAndDeletes(int status)
    {
        var source = await PutAsync("from", options: new() { Metadata = Nonce("a") });
        Fault = request => request.Operation == "storage.objects.move" ? CloudStorageFault.Error(status, "invalid", "Not here") : null;

        var moved = await Store.MoveAsync(
            "from", "to", new() { Source = ObjectPreconditions.Matches(source), Destination = ObjectPreconditions.MustNotExist }, Token);

        moved.Metadata.Should().Equal(source.Metadata);
        (await StoredAsync("from")).Should().BeNull();
        await PutAsync("from");
        await FailsAsync(
            () => Store.MoveAsync("from", "to", new() { Destination = ObjectPreconditions.MustNotExist }, Token), ObjectStoreError.PreconditionFailed);
        (await StoredAsync("from")).Should().NotBeNull();
        Count("storage.objects.move").Should().Be(1, "a refusal is remembered");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Copy_AnswerLost_IsSettledAsOurs(bool reset)
    {
        await PutAsync("from");
        Script("storage.objects.rewrite", Lost(reset));

        var copy = await Store.CopyAsync("from", "to", new() { Destination = ObjectPreconditions.MustNotExist }, Token);

        copy.Generation.Should().Be((await StoredAsync("to"))!.Generation);
        Server.Mutations.Should().Be(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Compose_AnswerLost_IsSettledAsOurs(bool reset)
    {
        var part = await PutAsync("part");
        Script("storage.objects.compose", Lost(reset));

        var joined = await Store.ComposeAsync(
            [new(part.Name, part.Generation)],
            "joined",
            new() { Preconditions = ObjectPreconditions.MustNotExist, Length = part.Size, Crc32C = part.Crc32C },
            Token);

        joined.Generation.Should().Be((await StoredAsync("joined"))!.Generation);
        Server.Mutations.Should().Be(2);
    }

    [Fact]
    public async Task Compose_AnswerLostAndOthersBytesThere_IsPreconditionFailed()
    {
        var part = await PutAsync("part");
        await PutAsync("joined", "other bytes");
        Script("storage.objects.compose", CloudStorageFault.Error(503));

        await FailsAsync(
            () => Store.ComposeAsync(
                [new(part.Name, part.Generation)],
                "joined",
                new() { Preconditions = ObjectPreconditions.MustNotExist, Length = part.Size, Crc32C = part.Crc32C },
                Token),
            ObjectStoreError.PreconditionFailed);
    }

    private static CloudStorageFault Lost(bool reset) =>
        reset ? CloudStorageFault.LoseResponse() : CloudStorageFault.Error(503) with { AfterEffect = true };

    private static Dictionary<string, string> Nonce(string value) => new() { ["nonce"] = value };
}
