using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

public sealed class GoogleCloudUploadTests : CloudFixture
{
    private const string Chunk = "storage.objects.insert.chunk";
    private const int MiB = 1024 * 1024;

    private static readonly byte[] Content = Pattern((2 * ObjectWriter.ChunkSize) + (2 * MiB) + 12345);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_MoreThanAChunk_ArrivesWhole(bool lengthIsKnown)
    {
        var written = await WriteAsync(new()
        {
            Length = lengthIsKnown ? Content.Length : null,
            ContentType = "application/x-model",
            CacheControl = "no-store",
            Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });

        written.Generation.Should().Be((await StoredAsync("file"))!.Generation);
        written.ContentType.Should().Be("application/x-model");
        written.CacheControl.Should().Be("no-store");
        written.Metadata["a"].Should().Be("1");
        (await ReadAllAsync(Server.GetStore("bucket"), "file")).Should().Equal(Content);
        Operations().Should().Equal("storage.objects.insert", Chunk, Chunk, Chunk);
    }

    [Fact]
    public async Task Write_ExactlyOneChunk_IsOneRequest()
    {
        await Store.WriteAsync("file", new OneWayStream(Content.AsMemory(0, ObjectWriter.ChunkSize)), null, Token);

        Operations().Should().Equal("storage.objects.insert");
        (await StoredAsync("file"))!.Size.Should().Be(ObjectWriter.ChunkSize);
    }

    public static TheoryData<CloudStorageFault> ChunkFaults() => new(
        CloudStorageFault.Error(503),
        CloudStorageFault.Error(408),
        CloudStorageFault.ResetBefore(),
        CloudStorageFault.LoseResponse(),
        CloudStorageFault.Error(503) with { AfterEffect = true },
        new CloudStorageFault { PersistLimit = 0 },
        new CloudStorageFault { PersistLimit = 300_000 },
        new CloudStorageFault { PersistLimit = 2 * MiB, Status = 503 },
        new CloudStorageFault { PersistLimit = 2 * MiB, Reset = true });

    [Theory]
    [MemberData(nameof(ChunkFaults))]
    public async Task Write_ChunksFail_ResumesFromWhatIsPersisted(CloudStorageFault fault)
    {
        Script(Chunk, fault, fault, null, fault);

        var written = await WriteAsync(new() { Preconditions = ObjectPreconditions.MustNotExist });

        written.Size.Should().Be(Content.Length);
        (await ReadAllAsync(Server.GetStore("bucket"), "file")).Should().Equal(Content);
        Server.Mutations.Should().Be(1);
    }

    [Fact]
    public async Task Write_LastAnswerIsLost_IsFoundByTheQuery()
    {
        Script(Chunk, null, null, CloudStorageFault.LoseResponse());

        var written = await WriteAsync(new() { Preconditions = ObjectPreconditions.MustNotExist });

        written.Generation.Should().Be((await StoredAsync("file"))!.Generation);
        Count("storage.objects.insert.query").Should().Be(1);
    }

    [Fact]
    public async Task Write_LastAnswerAndSessionAreLost_IsSettledByReading()
    {
        Script(Chunk, null, null, CloudStorageFault.LoseResponse());
        var script = Fault;
        Fault = request => request.Operation == "storage.objects.insert.query" ? CloudStorageFault.Error(410, "gone") : script(request);

        var written = await WriteAsync(new() { Preconditions = ObjectPreconditions.MustNotExist });

        written.Generation.Should().Be((await StoredAsync("file"))!.Generation);
        Server.Mutations.Should().Be(1);
    }

    [Fact]
    public async Task Write_ServerNeverPersists_EndsWithItsObjectAbsent()
    {
        Fault = request => request.Operation == Chunk ? new CloudStorageFault { PersistLimit = 0 } : null;

        var failure = await FailsAsync(() => WriteAsync(new()), ObjectStoreError.Unavailable);

        failure.Message.Should().Contain("no progress");
        (await StoredAsync("file")).Should().BeNull();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task Write_SessionLostAndContentGone_FailsClearly(int status)
    {
        Script(Chunk, null, CloudStorageFault.Error(status, "gone"));

        var failure = await FailsAsync(() => WriteAsync(new()), ObjectStoreError.Unavailable);

        failure.Message.Should().Contain("session").And.Contain("cannot be read again");
        failure.Message.Should().NotContain("upload_id", "the address of a session is a secret");
        (await StoredAsync("file")).Should().BeNull();
    }

    [Fact]
    public async Task Write_SessionLostAndContentSeekable_StartsAnew()
    {
        var chunks = 0;
        Fault = request =>
        {
            if (request.Operation == Chunk && ++chunks == 2)
            {
                Server.ForgetUploadsAsync().GetAwaiter().GetResult();
            }

            return null;
        };

        await Store.WriteAsync("file", new MemoryStream(Content), null, Token);

        (await ReadAllAsync(Server.GetStore("bucket"), "file")).Should().Equal(Content);
        Count("storage.objects.insert").Should().Be(2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(5 * MiB)]
    [InlineData((9 * MiB) + 12345)]
    public async Task Write_ContentThrows_LeavesNothing(int after)
    {
        var content = new OneWayStream(Content.AsMemory(0, after)) { EndsWith = new InvalidOperationException("digest differs") };

        await ((Func<Task>)(() => Store.WriteAsync("file", content, null, Token))).Should().ThrowAsync<InvalidOperationException>();

        (await StoredAsync("file")).Should().BeNull();
        Server.Mutations.Should().Be(0);
        Count("storage.objects.insert.cancel").Should().Be(Count("storage.objects.insert"));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9 * MiB)]
    public async Task Write_NotAsDeclared_LeavesNothing(int length)
    {
        Func<ObjectWriteOptions, Func<Task>> write = options => () =>
            Store.WriteAsync("file", new OneWayStream(Content.AsMemory(0, length)), options, Token);

        await FailsAsync(write(new() { Length = length - 1 }), ObjectStoreError.Corrupted);
        await FailsAsync(write(new() { Length = length + 1 }), ObjectStoreError.Corrupted);
        await FailsAsync(write(new() { Crc32C = 1 }), ObjectStoreError.Corrupted);

        Server.Mutations.Should().Be(0);
    }

    [Fact]
    public async Task Write_PreconditionFailsAtTheEnd_IsPreconditionFailed()
    {
        Fault = request =>
        {
            if (request is { Operation: Chunk, Mutation: 0 })
            {
                Server.GetStore("bucket").WriteAsync("file", new MemoryStream([1]), null, Token).GetAwaiter().GetResult();
            }

            return null;
        };

        await FailsAsync(() => WriteAsync(new() { Preconditions = ObjectPreconditions.MustNotExist }), ObjectStoreError.PreconditionFailed);

        (await StoredAsync("file"))!.Size.Should().Be(1);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9 * MiB)]
    public async Task Write_ServerStoredOtherBytes_IsCorruptedAndTakenBack(int length)
    {
        Fault = request => request.Operation.StartsWith("storage.objects.insert", StringComparison.Ordinal)
            ? new CloudStorageFault { WrongChecksums = true }
            : null;

        var failure = await FailsAsync(
            () => Store.WriteAsync(
                "file", new OneWayStream(Content.AsMemory(0, length)), new() { Preconditions = ObjectPreconditions.MustNotExist }, Token),
            ObjectStoreError.Corrupted);

        failure.Message.Should().Contain("00000001");
        (await StoredAsync("file")).Should().BeNull();
    }

    [Fact]
    public async Task Write_ReplacementOfWhichTheServerTellsOtherBytes_IsCorruptedAndStays()
    {
        var first = await Store.WriteAsync("file", new MemoryStream([1]), null, Token);
        Script("storage.objects.insert", new CloudStorageFault { WrongChecksums = true });

        await FailsAsync(
            () => Store.WriteAsync("file", new MemoryStream([1, 2]), new() { Preconditions = ObjectPreconditions.Matches(first) }, Token),
            ObjectStoreError.Corrupted);

        (await StoredAsync("file"))!.Size.Should().Be(2);
    }

    [Fact]
    public async Task Write_Cancelled_CancelsTheSession()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Fault = request =>
        {
            if (request.Operation == Chunk)
            {
                cancellation.Cancel();
            }

            return null;
        };

        await ((Func<Task>)(() => Store.WriteAsync("file", new OneWayStream(Content), null, cancellation.Token)))
            .Should().ThrowAsync<OperationCanceledException>();

        Server.GetRequests().Should().Contain(record => record.Request.Operation == "storage.objects.insert.cancel" && record.Status == 499);
        (await StoredAsync("file")).Should().BeNull();
    }

    private Task<StoredObject> WriteAsync(ObjectWriteOptions options) => Store.WriteAsync("file", new OneWayStream(Content), options, Token);
}
