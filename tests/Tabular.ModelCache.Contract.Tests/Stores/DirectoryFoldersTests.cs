using System.Text;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.Directories;

namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>Folders of a directory store: they come with the first object in them and go with the last.</summary>
public sealed class DirectoryFoldersTests : IDisposable
{
    private const int NoSpaceLeft = 28;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Delete_LastObjectOfFolders_RemovesThem()
    {
        var store = Open();
        await store.WriteAsync("a/b/c/x", Bytes("x"), null, Token);
        await store.WriteAsync("a/y", Bytes("y"), null, Token);

        await store.MoveAsync("a/b/c/x", "d/e/x", null, Token);
        Directory.GetFileSystemEntries(_directory.Join("a")).Should().Equal(_directory.Join("a", "y"));
        await store.DeleteAsync("a/y", null, Token);
        await store.DeleteAsync("d/e/x", null, Token);

        Directory.GetFileSystemEntries(_directory.Path).Should().Equal(_directory.Join(".store"));
        Directory.GetFiles(_directory.Join(".store", "objects"), "*", SearchOption.AllDirectories).Should().BeEmpty("nothing of a deleted object stays");
        Directory.GetFiles(_directory.Join(".store", "tmp")).Should().BeEmpty();
    }

    [Fact]
    public async Task Folders_MadeAndRemovedAtOnceByManyInstances_NeverFail()
    {
        // mkdir, rename and rmdir of the same folders meet in every order; .NET tells a lost race in four different exceptions.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            var store = new DirectoryObjectStore(_directory.Path, TimeProvider.System, new Random(i), new DirectoryObjectStoreOptions { FlushToDisk = false });
            for (var round = 0; round < 150; round++)
            {
                await store.WriteAsync($"a/b/c/d/{i}", Bytes("x"), null, Token);
                await store.MoveAsync($"a/b/c/d/{i}", $"a/b/{i}", null, Token);
                await store.DeleteAsync($"a/b/{i}", null, Token);
            }
        })));

        Directory.GetFileSystemEntries(_directory.Path).Should().Equal(_directory.Join(".store"));
    }

    [Fact]
    public async Task Write_FileWhereAFolderIsNeeded_SaysWhichObjectIsInTheWay()
    {
        var store = Open();
        await store.WriteAsync("a/b", Bytes("x"), null, Token);

        await FailsAsync(() => store.WriteAsync("a/b/c/d", Bytes("y"), null, Token), ObjectStoreError.InvalidRequest, "'a/b' is an object");
        await FailsAsync(() => store.WriteAsync("a", Bytes("y"), null, Token), ObjectStoreError.InvalidRequest, "the folder of the object 'a/b'");
        await FailsAsync(() => store.MoveAsync("a/b", "a/b/c", null, Token), ObjectStoreError.InvalidRequest, "'a/b' is an object");

        await store.DeleteAsync("a/b", null, Token);
        Directory.CreateDirectory(_directory.Join("a", "left", "empty"));
        (await store.WriteAsync("a", Bytes("y"), null, Token)).Size.Should().Be(1, "empty folders are nobody's");
    }

    [Theory]
    [InlineData("write", ObjectStoreError.OutOfSpace)]
    [InlineData("copy", ObjectStoreError.OutOfSpace)]
    [InlineData("move", ObjectStoreError.OutOfSpace)]
    [InlineData("write", null)]
    [InlineData("copy", null)]
    [InlineData("move", null)]
    public async Task Change_FailsAfterItsFoldersWereMade_LeavesNoneOfThem(string change, ObjectStoreError? error)
    {
        await Open().WriteAsync("a/x", Bytes("x"), null, Token);
        using var cancellation = new CancellationTokenSource();
        var clock = new WatchingClock(() =>
        {
            if (error is null && Directory.Exists(_directory.Join("a", "new")))
            {
                cancellation.Cancel();
            }
        });
        var store = Open(clock, step => _ = step == "sidecar written" && error is not null ? throw new IOException("No space left on device", NoSpaceLeft) : 0);

        Func<Task> run = change switch
        {
            "write" => () => store.WriteAsync("a/new/folder/y", Bytes("y"), null, cancellation.Token),
            "copy" => () => store.CopyAsync("a/x", "a/new/folder/y", null, cancellation.Token),
            _ => () => store.MoveAsync("a/x", "a/new/folder/y", null, cancellation.Token),
        };

        if (error is null)
        {
            await run.Should().ThrowAsync<OperationCanceledException>();
        }
        else
        {
            (await run.Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(error);
        }

        Directory.GetFileSystemEntries(_directory.Join("a")).Should().Equal(_directory.Join("a", "x"));
        (await Open().GetAsync("a/x", default, Token))!.Size.Should().Be(1);
    }

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task FailsAsync(Func<Task> request, ObjectStoreError error, string message)
    {
        var failure = (await request.Should().ThrowAsync<ObjectStoreException>()).Which;
        failure.Error.Should().Be(error, failure.Message);
        failure.Message.Should().Contain(message).And.NotContain("\n");
    }

    private DirectoryObjectStore Open(TimeProvider? clock = null, Action<string>? step = null) =>
        new(_directory.Path, clock ?? TimeProvider.System, new Random(1), new DirectoryObjectStoreOptions { FlushToDisk = false, OnStep = step });

    private sealed class WatchingClock(Action asked) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            asked();
            return base.GetUtcNow();
        }
    }
}
