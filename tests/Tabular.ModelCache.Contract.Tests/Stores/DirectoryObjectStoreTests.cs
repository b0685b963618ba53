using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.Directories;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public sealed class DirectoryObjectStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task TwoInstances_CompareAndSwapAtOnce_LoseNothing()
    {
        DirectoryObjectStore[] stores = [Open(), Open(), Open()];
        await stores[0].WriteAsync("counter", Bytes(string.Empty), null, Token);

        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var live = (await store.GetAsync("counter", default, Token))!;
                try
                {
                    await store.WriteAsync("counter", new MemoryStream(new byte[live.Size + 1]), new() { Preconditions = ObjectPreconditions.Matches(live) }, Token);
                    done++;
                }
                catch (ObjectStoreException e) when (e.Error == ObjectStoreError.PreconditionFailed)
                {
                    Token.ThrowIfCancellationRequested();
                }
            }
        })));

        (await stores[1].GetAsync("counter", default, Token))!.Size.Should().Be(75);
    }

    [Fact]
    public async Task Generation_FrozenClockAndSeveralInstances_IsNeverGivenAgain()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var generations = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            var store = Open(clock);
            generations.Add((await store.WriteAsync("file", Bytes("same"), null, Token)).Generation);
            if (i % 2 == 0)
            {
                await Open(clock).DeleteAsync("file", null, Token);
            }
        }

        generations.Should().OnlyHaveUniqueItems().And.BeInAscendingOrder();
    }

    [Fact]
    public async Task Reads_AnyState_ChangeNothingOnTheDisk()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The times of change of inodes are read with GNU find.");
        var store = Open();
        await store.WriteAsync("a/known", Bytes("known"), null, Token);
        await store.WriteAsync("a/edited", Bytes("before"), null, Token);
        await File.WriteAllTextAsync(_directory.Join("a", "edited"), "after it was edited", Token);
        await File.WriteAllTextAsync(_directory.Join("a", "foreign"), "foreign", Token);
        await PictureAsync();
        var before = await PictureAsync();

        var reader = Open();
        await foreach (var item in reader.ListAsync(string.Empty, Token))
        {
            await reader.GetAsync(item.Name, default, Token);
            (await ReadAsync(reader, item.Name)).Should().NotBeNull();
        }

        (await reader.GetAsync("missing/object", default, Token)).Should().BeNull();
        (await reader.OpenReadAsync("a", null, Token)).Should().BeNull();
        (await PictureAsync()).Should().Be(before);

        var nowhere = new DirectoryObjectStore(_directory.Join("nowhere"), TimeProvider.System, new Random(1));
        (await nowhere.GetAsync("x", default, Token)).Should().BeNull();
        (await nowhere.OpenReadAsync("x", null, Token)).Should().BeNull();
        (await nowhere.ListAsync(string.Empty, Token).GetAsyncEnumerator(Token).MoveNextAsync()).Should().BeFalse();
        (await PictureAsync()).Should().Be(before);
    }

    [Fact]
    public async Task ForeignFile_PutByHand_IsAnObjectLikeAnyOther()
    {
        Directory.CreateDirectory(_directory.Join("models"));
        await File.WriteAllTextAsync(_directory.Join("models", "file"), "123456789", Token);

        var item = (await Open().GetAsync("models/file", default, Token))!;

        item.Metageneration.Should().Be(1);
        item.Crc32C.Should().Be(0xe3069283);
        item.Size.Should().Be(9);
        (await Open().GetAsync("models/file", default, Token)).Should().BeEquivalentTo(item, "every process derives the same");
        var patched = await Open().PatchMetadataAsync("models/file", new Dictionary<string, string?> { ["a"] = "1" }, ObjectPreconditions.Matches(item), Token);
        patched.Generation.Should().Be(item.Generation);
        patched.Metageneration.Should().Be(2);
        (await Open().GetAsync("models/file", default, Token)).Should().BeEquivalentTo(patched);
        var replaced = await Open().WriteAsync("models/file", Bytes("new"), new() { Preconditions = ObjectPreconditions.Matches(patched) }, Token);
        replaced.Generation.Should().BeGreaterThan(item.Generation);
    }

    [Fact]
    public async Task ForeignFile_EditOfAKnownObject_IsANewGeneration()
    {
        var path = _directory.Join("file");
        var written = await Open().WriteAsync("file", Bytes("before"), new() { Metadata = new Dictionary<string, string> { ["a"] = "1" } }, Token);
        var generations = new HashSet<long> { written.Generation };

        // The second keeps the time of an older edit and differs in size alone; the third in time alone; the last lies before all.
        foreach (var (text, seconds) in new[] { ("edited", 10), ("edited!", 10), ("edited!", 20), ("older", -1_000_000) })
        {
            await File.WriteAllTextAsync(path, text, Token);
            File.SetLastWriteTimeUtc(path, written.Created.UtcDateTime.AddSeconds(seconds));
            var edited = (await Open().GetAsync("file", default, Token))!;
            generations.Add(edited.Generation).Should().BeTrue();
            edited.Generation.Should().BeGreaterThan(written.Generation);
            edited.Metadata.Should().BeEmpty("the metadata was of another content");
            (await ReadAsync(Open(), "file")).Should().Be(text);
        }

        var replace = () => Open().WriteAsync("file", Bytes("mine"), new() { Preconditions = ObjectPreconditions.Matches(written) }, Token);
        (await replace.Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.PreconditionFailed);
        var last = (await Open().GetAsync("file", default, Token))!.Generation;
        var after = await Open().WriteAsync("file", Bytes("mine"), null, Token);
        generations.Add(after.Generation).Should().BeTrue();
        after.Generation.Should().BeGreaterThan(last);
    }

    [Fact]
    public async Task OpenRead_ContentDamagedWithItsTimeKept_IsCorrupted()
    {
        var path = _directory.Join("file");
        await Open().WriteAsync("file", Bytes("right"), null, Token);
        var time = File.GetLastWriteTimeUtc(path);
        await File.WriteAllTextAsync(path, "wrong", Token);
        File.SetLastWriteTimeUtc(path, time);

        await FailsAsync(() => ReadAsync(Open(), "file"), ObjectStoreError.Corrupted, "CRC32C");
        await FailsAsync(() => Open().CopyAsync("file", "copy", null, Token), ObjectStoreError.Corrupted, "CRC32C");
        (await Open().GetAsync("copy", default, Token)).Should().BeNull();
    }

    [Fact]
    public async Task OpenRead_FileCutWhileOpen_IsNeverAShortContent()
    {
        await Open().WriteAsync("file", new MemoryStream(new byte[100_000]), null, Token);
        await using var content = await Open().OpenReadAsync("file", null, Token);
        await using (var file = new FileStream(_directory.Join("file"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(10);
        }

        await FailsAsync(() => content!.Stream.CopyToAsync(Stream.Null, Token), ObjectStoreError.Unavailable, "100000 bytes");
    }

    [Theory]
    [InlineData(".store")]
    [InlineData(".store/objects/x")]
    [InlineData(".STORE/x")]
    public async Task AnyRequest_NameOfTheStoreItself_IsRefused(string name)
    {
        var store = Open();
        await store.WriteAsync("file", Bytes("x"), null, Token);

        await FailsAsync(() => store.GetAsync(name, default, Token), ObjectStoreError.InvalidRequest, ".store/");
        await FailsAsync(() => store.WriteAsync(name, Bytes("x"), null, Token), ObjectStoreError.InvalidRequest, ".store/");
        await FailsAsync(() => store.MoveAsync("file", name, null, Token), ObjectStoreError.InvalidRequest, ".store/");
        (await store.ListAsync(".store/", Token).GetAsyncEnumerator(Token).MoveNextAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task SymbolicLink_InTheDirectory_IsNoObject()
    {
        await Open().WriteAsync("real/file", Bytes("x"), null, Token);
        File.CreateSymbolicLink(_directory.Join("link"), "/etc/hostname");
        Directory.CreateSymbolicLink(_directory.Join("folder"), _directory.Path);

        (await Open().GetAsync("link", default, Token)).Should().BeNull();
        var names = new List<string>();
        await foreach (var item in Open().ListAsync(string.Empty, Token))
        {
            names.Add(item.Name);
        }

        names.Should().Equal("real/file");
    }

    [Fact]
    public async Task AnyRequest_RootIsAFile_IsStoreNotFound()
    {
        await File.WriteAllTextAsync(_directory.Join("file"), "x", Token);
        var store = new DirectoryObjectStore(_directory.Join("file"), TimeProvider.System, new Random(1));

        await FailsAsync(() => store.GetAsync("x", default, Token), ObjectStoreError.StoreNotFound, "ModelCache:MountPath");
        await FailsAsync(() => store.WriteAsync("x", Bytes("x"), null, Token), ObjectStoreError.StoreNotFound, "is a file");
        await FailsAsync(async () => await store.ListAsync(string.Empty, Token).GetAsyncEnumerator(Token).MoveNextAsync(), ObjectStoreError.StoreNotFound, "is a file");
    }

    [Fact]
    public async Task AnyRequest_DamagedMetadata_NamesTheFile()
    {
        await Open().WriteAsync("file", Bytes("x"), null, Token);
        var sidecar = Directory.GetFiles(_directory.Join(".store", "objects"), "*.json", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(sidecar, "{ \"schemaVersion\": 1,", Token);

        await FailsAsync(() => Open().GetAsync("file", default, Token), ObjectStoreError.Corrupted, sidecar);

        File.Delete(sidecar);
        (await ReadAsync(Open(), "file")).Should().Be("x");
    }

    [Theory]
    [InlineData("fuse.gcsfuse")]
    [InlineData("fuse")]
    [InlineData("nfs4")]
    [InlineData("cifs")]
    [InlineData("smb3")]
    [InlineData("9p")]
    [InlineData("virtiofs")]
    public async Task Change_SharedFileSystem_IsReadOnlyAndNamesTheSetting(string type)
    {
        await Open().WriteAsync("file", Bytes("x"), null, Token);
        var store = Open(mountInfo: $"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:55 / {_directory.Path} rw - {type} bucket rw\n");
        Func<Task>[] changes =
        [
            () => store.WriteAsync("file", Bytes("y"), null, Token),
            () => store.PatchMetadataAsync("file", new Dictionary<string, string?>(), default, Token),
            () => store.MoveAsync("file", "other", null, Token),
            () => store.CopyAsync("file", "other", null, Token),
            () => store.DeleteAsync("file", null, Token),
        ];

        foreach (var change in changes)
        {
            await FailsAsync(change, ObjectStoreError.ReadOnly, "ModelCache:Bucket");
        }

        (await ReadAsync(store, "file")).Should().Be("x", "reading is possible everywhere");
    }

    [Fact]
    public async Task Change_MountInsideTheDirectory_IsRefused()
    {
        var store = Open(mountInfo: $"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 8:2 / {_directory.Path}/ollama rw - ext4 /dev/sdb rw\n");

        await store.WriteAsync("sbert/file", Bytes("x"), null, Token);
        await FailsAsync(() => store.WriteAsync("ollama/file", Bytes("x"), null, Token), ObjectStoreError.InvalidRequest, "a mount of its own");
    }

    [Fact]
    public async Task Change_LockHeldByAnotherProcess_FailsAtTheDeadlineAndNamesTheLock()
    {
        var clock = new FakeTimeProvider();
        var store = Open(clock);
        await store.WriteAsync("file", Bytes("x"), null, Token);
        var path = new StoreLayout(_directory.Path).LockOf(StoreLayout.ShardOf("file"));
        var started = clock.GetUtcNow();
        Task write;
        Task queued;
        using (File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            write = store.WriteAsync("file", Bytes("y"), null, Token);
            queued = store.DeleteAsync("file", null, Token);
            while (!write.IsCompleted || !queued.IsCompleted)
            {
                clock.Advance(TimeSpan.FromMilliseconds(500));
                await Task.Yield();
            }
        }

        await FailsAsync(() => write, ObjectStoreError.Unavailable, path);
        await FailsAsync(() => queued, ObjectStoreError.Unavailable, path);
        (clock.GetUtcNow() - started).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
        await store.WriteAsync("file", Bytes("z"), null, Token);
        (await ReadAsync(store, "file")).Should().Be("z", "the lock was given back");
    }

    [Fact]
    public async Task Write_LeftoversOfADay_AreRemoved()
    {
        await Open().WriteAsync("file", Bytes("x"), null, Token);
        var now = DateTime.UtcNow;
        var old = _directory.Join(".store", "tmp", "old");
        var young = _directory.Join(".store", "tmp", "young");
        await File.WriteAllTextAsync(old, "x", Token);
        await File.WriteAllTextAsync(young, "x", Token);
        File.SetLastWriteTimeUtc(old, now.AddDays(-1.1));
        File.SetLastWriteTimeUtc(_directory.Join("file"), now.AddDays(-3));

        await Open().WriteAsync("other", Bytes("x"), null, Token);

        Directory.GetFiles(_directory.Join(".store", "tmp")).Should().Equal(young);
        (await ReadAsync(Open(), "file")).Should().Be("x");
    }

    [Theory]
    [InlineData(28, ObjectStoreError.OutOfSpace)]
    [InlineData(122, ObjectStoreError.OutOfSpace)]
    [InlineData(30, ObjectStoreError.ReadOnly)]
    [InlineData(5, ObjectStoreError.Unavailable)]
    [InlineData(116, ObjectStoreError.Unavailable)]
    public void Map_ErrorNumber_IsTheErrorOfTheStore(int errno, ObjectStoreError expected)
    {
        var mapped = FileErrors.Map(new IOException("as the system says", errno), "/root", "file", outcomeUnknown: true);

        mapped.Error.Should().Be(expected);
        mapped.Message.Should().Contain("as the system says").And.Contain("'file'").And.Contain("/root");
        mapped.OutcomeUnknown.Should().Be(expected == ObjectStoreError.Unavailable);
    }

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<string?> ReadAsync(DirectoryObjectStore store, string name)
    {
        await using var content = await store.OpenReadAsync(name, null, Token);
        return content is null ? null : await new StreamReader(content.Stream).ReadToEndAsync(Token);
    }

    private static async Task FailsAsync(Func<Task> request, ObjectStoreError error, string message)
    {
        var failure = (await request.Should().ThrowAsync<ObjectStoreException>()).Which;
        failure.Error.Should().Be(error, failure.Message);
        failure.Message.Should().Contain(message).And.NotContain("\n");
    }

    private DirectoryObjectStore Open(TimeProvider? clock = null, string? mountInfo = null) => new(
        _directory.Path,
        clock ?? TimeProvider.System,
        new Random(1),
        mountInfo is null ? null : new DirectoryObjectStoreOptions { LoadMountInfo = () => mountInfo });

    // Every entry with its type, size, inode, mode, and the times of change of its content and of itself.
    private async Task<string> PictureAsync()
    {
        using var find = Process.Start(new ProcessStartInfo("find")
        {
            ArgumentList = { _directory.Path, "-printf", "%p %y %s %i %m %n %T@ %C@\\n" },
            RedirectStandardOutput = true,
        })!;
        var lines = await find.StandardOutput.ReadToEndAsync(Token);
        await find.WaitForExitAsync(Token);
        find.ExitCode.Should().Be(0);
        return string.Join('\n', lines.Split('\n').Order(StringComparer.Ordinal));
    }
}
