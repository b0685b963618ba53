using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

public sealed class GoogleCloudDownloadTests : CloudFixture
{
    private const string Media = "storage.objects.get.media";

    private static readonly byte[] Content = Pattern(3_000_000);

    [Fact]
    public async Task Read_ConnectionBreaks_ResumesAtItsOffset()
    {
        await WriteAsync();
        Script(Media, CloudStorageFault.Truncate(1_000_000), CloudStorageFault.Error(503), CloudStorageFault.Truncate(0), CloudStorageFault.Truncate(5));

        (await ReadAllAsync(Store, "file")).Should().Equal(Content);

        Count(Media).Should().Be(5);
        Server.GetRequests()[^1].BytesSent.Should().BeLessThan(Content.Length, "a resumed read does not start over");
    }

    [Fact]
    public async Task Read_RangeBreaks_ResumesWithinIt()
    {
        await WriteAsync();
        Script(Media, CloudStorageFault.Truncate(100_000), CloudStorageFault.Truncate(1));

        (await ReadAllAsync(Store, "file", new() { Offset = 7, Length = 500_000 })).Should().Equal(Content[7..500_007]);
    }

    [Fact]
    public async Task Read_KeepsBreaking_IsUnavailable()
    {
        await WriteAsync();
        Fault = request => request.Operation == Media ? CloudStorageFault.Truncate(10) : null;

        var failure = await FailsAsync(() => ReadAllAsync(Store, "file"), ObjectStoreError.Unavailable);

        failure.Message.Should().Contain("5 attempts");
        Count(Media).Should().Be(5);
    }

    [Fact]
    public async Task Read_RetriesOff_IsUnavailableAtOnce()
    {
        await WriteAsync();
        Script(Media, CloudStorageFault.Truncate(10));
        var store = Connect(options => options with { Retries = false });

        await FailsAsync(() => ReadAllAsync(store, "file"), ObjectStoreError.Unavailable);

        Count(Media).Should().Be(1);
    }

    [Fact]
    public async Task Read_Stalls_ResumesAfterTheTimeout()
    {
        await WriteAsync();
        Script(Media, CloudStorageFault.StallAfter(1000));
        var time = new FakeTimeProvider();
        var store = Connect(options => options with { TimeProvider = time, InitialBackoff = TimeSpan.Zero });
        await using var content = await store.OpenReadAsync("file", null, Token);
        var buffer = new byte[1000];
        await content!.Stream.ReadExactlyAsync(buffer, Token);

        var next = content.Stream.ReadExactlyAsync(buffer, Token).AsTask();
        next.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(30));
        await next;

        buffer.Should().Equal(Content[1000..2000]);
    }

    [Fact]
    public async Task Read_ReplacedWhileResuming_NeverMixesVersions()
    {
        await WriteAsync();
        Script(Media, CloudStorageFault.Truncate(1_000_000));
        await using var content = await Store.OpenReadAsync("file", null, Token);
        await content!.Stream.ReadExactlyAsync(new byte[10], Token);
        await Store.WriteAsync("file", new MemoryStream(new byte[Content.Length]), null, Token);

        var failure = await FailsAsync(() => content.Stream.CopyToAsync(Stream.Null, Token), ObjectStoreError.Unavailable);

        failure.Message.Should().Contain("replaced");
    }

    [Fact]
    public async Task Read_ReplacedBeforeItIsOpened_YieldsTheNewVersion()
    {
        await WriteAsync();
        var replaced = false;
        Fault = request =>
        {
            if (request.Operation == Media && !replaced)
            {
                replaced = true;
                Server.GetStore("bucket").WriteAsync("file", new MemoryStream([1, 2, 3]), null, Token).GetAwaiter().GetResult();
            }

            return null;
        };

        (await ReadAllAsync(Store, "file")).Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task Read_HeadersWithAnotherChecksum_IsCorrupted()
    {
        await WriteAsync();
        Script(Media, new CloudStorageFault { WrongChecksums = true });

        await FailsAsync(() => ReadAllAsync(Store, "file"), ObjectStoreError.Corrupted);
    }

    [Fact]
    public async Task Read_MetadataWithAnotherChecksum_IsCorrupted()
    {
        await WriteAsync();
        Fault = _ => new CloudStorageFault { WrongChecksums = true };

        await FailsAsync(() => ReadAllAsync(Store, "file"), ObjectStoreError.Corrupted);
    }

    [Fact]
    public async Task Read_ServerIgnoresTheRange_YieldsTheRange()
    {
        await WriteAsync();
        Fault = _ => new CloudStorageFault { IgnoreRange = true };

        (await ReadAllAsync(Store, "file", new() { Offset = 1_000_000, Length = 10 })).Should().Equal(Content[1_000_000..1_000_010]);
    }

    [Fact]
    public async Task Read_EmptyObject_AsksForNoContent()
    {
        await PutAsync("empty", "");

        (await ReadAllAsync(Store, "empty")).Should().BeEmpty();

        Count(Media).Should().Be(0);
    }

    private Task<StoredObject> WriteAsync() => Store.WriteAsync("file", new MemoryStream(Content), null, Token);
}
