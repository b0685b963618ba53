using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public void DisplayName_Always_SaysWhereTheObjectsAre() => Store.DisplayName.Should().NotBeNullOrWhiteSpace();

    [Fact]
    public async Task Read_MissingObject_IsNull()
    {
        await PutAsync("folder/file");

        foreach (var name in new[] { "missing", "folder", "folder/file/below", "fold", "folder/fil" })
        {
            (await Store.GetAsync(name, default, Token)).Should().BeNull();
            (await Store.OpenReadAsync(name, null, Token)).Should().BeNull();
        }
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(0, 1L, "0")]
    [InlineData(3, 4L, "3456")]
    [InlineData(9, 1L, "9")]
    [InlineData(9, null, "9")]
    [InlineData(5, 100L, "56789")]
    [InlineData(0, 10L, "0123456789")]
    [InlineData(0, long.MaxValue, "0123456789")]
    [InlineData(4, long.MaxValue, "456789")]
    public async Task OpenRead_Range_YieldsExactlyIt(long offset, long? length, string expected)
    {
        var written = await PutAsync("file", "0123456789");

        await using var content = await Store.OpenReadAsync("file", new() { Offset = offset, Length = length }, Token);

        content!.Metadata.Should().BeEquivalentTo(written, "the metadata is that of the whole object");
        (await new StreamReader(content.Stream).ReadToEndAsync(Token)).Should().Be(expected);
    }

    [Theory]
    [InlineData("0123456789", 10, null)]
    [InlineData("0123456789", 11, 1L)]
    [InlineData("0123456789", long.MaxValue, 5L)]
    [InlineData("", 0, 1L)]
    [InlineData("", 1, null)]
    public async Task OpenRead_RangeBehindTheEnd_IsNotSatisfiable(string content, long offset, long? length)
    {
        await PutAsync("file", content);

        await FailsAsync(() => Store.OpenReadAsync("file", new() { Offset = offset, Length = length }, Token), ObjectStoreError.RangeNotSatisfiable);
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, 0L)]
    [InlineData(0, -1L)]
    public async Task OpenRead_ImpossibleRange_IsAnArgumentException(long offset, long? length)
    {
        await PutAsync("file");
        var open = () => Store.OpenReadAsync("file", new() { Offset = offset, Length = length }, Token);

        await open.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task OpenRead_EmptyObject_IsAnEmptyStream()
    {
        await PutAsync("file", string.Empty);

        (await ReadTextAsync("file")).Should().BeEmpty();
    }

    [Fact]
    public async Task OpenRead_PinnedGeneration_IsThatOneOrNull()
    {
        var first = await PutAsync("file", "one");
        (await ReadTextAsync("file", new() { Generation = first.Generation })).Should().Be("one");

        var second = await PutAsync("file", "two");
        (await ReadTextAsync("file", new() { Generation = first.Generation })).Should().BeNull("a replaced version is gone");
        (await ReadTextAsync("file", new() { Generation = second.Generation, Offset = 1 })).Should().Be("wo");
        (await ReadTextAsync("missing", new() { Generation = second.Generation })).Should().BeNull();
    }

    [Fact]
    public async Task OpenRead_ObjectReplacedWhileOpen_NeverMixesGenerations()
    {
        var old = Pattern(600_000);
        await Store.WriteAsync("file", new MemoryStream(old), null, Token);
        await using var content = await Store.OpenReadAsync("file", null, Token);
        var read = new byte[old.Length];
        await content!.Stream.ReadExactlyAsync(read.AsMemory(0, 1000), Token);

        await Store.WriteAsync("file", new MemoryStream(Pattern(600_001)), null, Token);
        await Store.DeleteAsync("file", null, Token);

        // Either the old bytes to their end, or a failure; a real bucket may answer both.
        try
        {
            await content.Stream.ReadExactlyAsync(read.AsMemory(1000), Token);
            (await content.Stream.ReadAsync(new byte[1], Token)).Should().Be(0);
            read.AsSpan().SequenceEqual(old).Should().BeTrue();
        }
        catch (ObjectStoreException e)
        {
            e.IsTransient.Should().BeTrue(e.Message);
        }
    }

    [Fact]
    public async Task List_Prefix_IsOrderedByUtf8Bytes()
    {
        // U+FF5E sorts behind the surrogates of U+1F600 as UTF-16 and before it as UTF-8; '.' sorts before '/'.
        string[] expected = ["a", "a.b/c", "a/b", "a/b.c", "a/b/c", "a0", "b/~", "b/é", "b/～", "b/😀", "Z"];
        expected = [.. expected.OrderBy(name => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal)];
        var writable = expected.Where(name => name is not ("a" or "a/b")).ToArray();
        foreach (var name in writable.Reverse())
        {
            await PutAsync(name, name);
        }

        (await ListNamesAsync(string.Empty)).Should().Equal(writable);
        foreach (var prefix in new[] { "a", "a/", "a/b", "a/b/", "a/b.", "a.", "b/", "b/é", "Z", "ZZ", "a/b/c", "a/b/c/", "/", "../", "a/../", "//", "é" })
        {
            (await ListNamesAsync(prefix)).Should().Equal(writable.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)), prefix);
        }
    }

    [Fact]
    public async Task List_Items_AreDescribedAsByGet()
    {
        await PutAsync("a", "1", new() { ContentType = "text/plain", CacheControl = "no-cache", Metadata = new Dictionary<string, string> { ["k"] = "v" } });
        await PutAsync("b", "22");
        await Store.PatchMetadataAsync("b", new Dictionary<string, string?> { ["x"] = "y" }, default, Token);

        await foreach (var item in Store.ListAsync(string.Empty, Token))
        {
            item.Should().BeEquivalentTo(await Store.GetAsync(item.Name, default, Token));
        }
    }

    [Fact]
    public async Task List_EmptyStore_IsEmpty() => (await ListNamesAsync(string.Empty)).Should().BeEmpty();

    [Fact]
    public async Task List_MoreThanAPage_IsComplete()
    {
        var names = Enumerable.Range(0, 1005).Select(i => $"many/{i:d4}").ToArray();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token }, async (name, _) => await PutAsync(name, "x"));

        (await ListNamesAsync("many/")).Should().Equal(names);
        (await ListNamesAsync("many/100")).Should().Equal("many/1000", "many/1001", "many/1002", "many/1003", "many/1004");
    }

    [Fact]
    public async Task AnyRequest_CancelledBefore_DoesNothing()
    {
        var written = await PutAsync("file");
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        var cancelled = source.Token;
        Func<Task>[] requests =
        [
            () => Store.GetAsync("file", default, cancelled),
            () => Store.OpenReadAsync("file", null, cancelled),
            () => Store.WriteAsync("file", Bytes("other"), null, cancelled),
            () => Store.PatchMetadataAsync("file", new Dictionary<string, string?> { ["a"] = "b" }, default, cancelled),
            () => Store.MoveAsync("file", "other", null, cancelled),
            () => Store.CopyAsync("file", "other", null, cancelled),
            () => Store.DeleteAsync("file", null, cancelled),
            async () => await Store.ListAsync(string.Empty, cancelled).GetAsyncEnumerator(cancelled).MoveNextAsync(),
        ];

        foreach (var request in requests)
        {
            await request.Should().ThrowAsync<OperationCanceledException>();
        }

        (await ListNamesAsync(string.Empty)).Should().Equal("file");
        (await Store.GetAsync("file", default, Token)).Should().BeEquivalentTo(written);
    }

    [Fact]
    public async Task Write_CancelledDuringTheContent_LeavesNothing()
    {
        using var source = new CancellationTokenSource();
        var content = new TrickleStream(Pattern(2_000_000), 100_000) { AtEnd = source.CancelAsync };
        var write = () => Store.WriteAsync("file", content, null, source.Token);

        await write.Should().ThrowAsync<OperationCanceledException>();

        (await ListNamesAsync(string.Empty)).Should().BeEmpty();
    }
}
