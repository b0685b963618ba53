using System.IO.Hashing;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public async Task Write_NewObject_IsDescribedAndReadBack()
    {
        var before = DateTimeOffset.UnixEpoch;
        var written = await PutAsync("folder/file.txt", "123456789", new()
        {
            ContentType = "text/plain",
            CacheControl = "no-store",
            StorageClass = "STANDARD",
            Metadata = new Dictionary<string, string> { ["key"] = "välue", ["Key2"] = string.Empty },
            Length = 9,
            Crc32C = 0xe3069283,
        });

        written.Name.Should().Be("folder/file.txt");
        written.Size.Should().Be(9);
        written.Crc32C.Should().Be(0xe3069283, "that is the check value of CRC32C");
        written.Generation.Should().BePositive();
        written.Metageneration.Should().Be(1);
        written.ContentType.Should().Be("text/plain");
        written.CacheControl.Should().Be("no-store");
        written.Metadata.Should().Equal(new Dictionary<string, string> { ["key"] = "välue", ["Key2"] = string.Empty });
        written.Created.Should().BeAfter(before);
        written.Updated.Should().Be(written.Created);
        (await Store.GetAsync("folder/file.txt", default, Token)).Should().BeEquivalentTo(written);
        (await ReadTextAsync("folder/file.txt")).Should().Be("123456789");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(5 * 1024 * 1024 + 3)]
    public async Task Write_AnySize_KeepsEveryByte(int size)
    {
        var bytes = Pattern(size);
        var written = await Store.WriteAsync("file", new TrickleStream(bytes, 100_003), null, Token);

        written.Size.Should().Be(size);
        written.Crc32C.Should().Be(Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, bytes));
        await using var content = await Store.OpenReadAsync("file", null, Token);
        content!.Metadata.Should().BeEquivalentTo(written);
        using var read = new MemoryStream();
        await content.Stream.CopyToAsync(read, Token);
        read.ToArray().AsSpan().SequenceEqual(bytes).Should().BeTrue();
    }

    [Fact]
    public async Task Write_ExistingObject_ReplacesContentMetadataAndGeneration()
    {
        var first = await PutAsync("file", "one", new() { ContentType = "text/plain", CacheControl = "no-store", Metadata = new Dictionary<string, string> { ["a"] = "1" } });
        await Store.PatchMetadataAsync("file", new Dictionary<string, string?> { ["b"] = "2" }, default, Token);

        var second = await PutAsync("file", "two!");

        second.Generation.Should().NotBe(first.Generation);
        second.Metageneration.Should().Be(1, "it restarts with each generation");
        second.Metadata.Should().BeEmpty();
        second.CacheControl.Should().BeNull();
        (await ReadTextAsync("file")).Should().Be("two!");
        (await Store.GetAsync("file", default, Token)).Should().BeEquivalentTo(second);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2_000_000)]
    public async Task Write_ContentThatThrows_LeavesNothingAndPassesTheException(int bytesBefore)
    {
        var old = await PutAsync("existing", "old");

        foreach (var name in new[] { "new/file", "existing" })
        {
            var write = () => Store.WriteAsync(name, new TrickleStream(Pattern(bytesBefore), 65_536, new IOException("the digest is wrong")), null, Token);
            (await write.Should().ThrowAsync<Exception>()).Which.ToString().Should().Contain("the digest is wrong");
        }

        (await ListNamesAsync(string.Empty)).Should().Equal("existing");
        (await Store.GetAsync("existing", default, Token)).Should().BeEquivalentTo(old);
        (await ReadTextAsync("existing")).Should().Be("old");
    }

    [Theory]
    [InlineData(8L, null)]
    [InlineData(10L, null)]
    [InlineData(0L, null)]
    [InlineData(null, 0xe3069284u)]
    [InlineData(9L, 1u)]
    public async Task Write_OtherLengthOrChecksumThanDeclared_IsCorruptedAndWritesNothing(long? length, uint? crc32C)
    {
        await FailsAsync(() => PutAsync("file", "123456789", new() { Length = length, Crc32C = crc32C }), ObjectStoreError.Corrupted);

        (await Store.GetAsync("file", default, Token)).Should().BeNull();
    }

    [Fact]
    public async Task Write_ConditionThatFailsDuringTheUpload_IsRefusedAtItsEnd()
    {
        var content = new TrickleStream(Pattern(1000), 100) { AtEnd = () => PutAsync("file", "the other was faster") };

        await FailsAsync(
            () => Store.WriteAsync("file", content, new() { Preconditions = ObjectPreconditions.MustNotExist }, Token),
            ObjectStoreError.PreconditionFailed);

        (await ReadTextAsync("file")).Should().Be("the other was faster");
    }

    [Fact]
    public async Task Write_AfterDelete_HasANewGeneration()
    {
        var generations = new HashSet<long>();
        for (var i = 0; i < 5; i++)
        {
            generations.Add((await PutAsync("file", "same")).Generation).Should().BeTrue("a generation is never given again");
            await Store.DeleteAsync("file", null, Token);
        }
    }

    [Fact]
    public async Task Write_CallerChangesItsDictionaryLater_DoesNotMatter()
    {
        var metadata = new Dictionary<string, string> { ["a"] = "1" };
        var written = await PutAsync("file", "x", new() { Metadata = metadata });
        metadata["a"] = "2";

        written.Metadata["a"].Should().Be("1");
        (await Store.GetAsync("file", default, Token))!.Metadata["a"].Should().Be("1");
    }

    [Theory]
    [InlineData("ünïcödé/名前/😀.txt")]
    [InlineData("with space/and + % # ? & = ' \" * ;.txt")]
    [InlineData(".hidden/.done")]
    [InlineData("a..b/..c/d.")]
    public async Task Write_UnusualName_IsKeptExactly(string name)
    {
        await PutAsync(name, name);

        (await ReadTextAsync(name)).Should().Be(name);
        (await ListNamesAsync(string.Empty)).Should().Equal(name);
        await Store.DeleteAsync(name, null, Token);
        (await ListNamesAsync(string.Empty)).Should().BeEmpty();
    }

    [Fact]
    public async Task Write_LongestName_IsAccepted()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('é', 127), 4)) + "/ab/c";
        name = name.PadRight(name.Length + 1024 - System.Text.Encoding.UTF8.GetByteCount(name), 'z');
        System.Text.Encoding.UTF8.GetByteCount(name).Should().Be(ObjectName.MaxBytes);

        await PutAsync(name);

        (await ListNamesAsync(string.Empty)).Should().Equal(name);
        (await ReadTextAsync(name)).Should().Be("content");
    }

    [Fact]
    public async Task Write_NameOfAFolder_IsAnObjectBesideItsFilesWhereTheStoreHasSuch()
    {
        await PutAsync("folder/file");
        if (!KeepsFolderObjects)
        {
            await FailsAsync(() => PutAsync("folder/", string.Empty), ObjectStoreError.InvalidRequest);
            (await ListNamesAsync(string.Empty)).Should().Equal("folder/file");
            return;
        }

        var folder = await PutAsync("folder/", string.Empty, new() { Preconditions = ObjectPreconditions.MustNotExist });

        folder.Size.Should().Be(0);
        await FailsAsync(
            () => PutAsync("folder/", string.Empty, new() { Preconditions = ObjectPreconditions.MustNotExist }), ObjectStoreError.PreconditionFailed);
        (await Store.GetAsync("folder/", default, Token))!.Generation.Should().Be(folder.Generation);
        (await ListNamesAsync("folder/")).Should().Equal("folder/", "folder/file");
        await Store.DeleteAsync("folder/", new() { Generation = folder.Generation, Preconditions = new() { IfGenerationMatch = folder.Generation } }, Token);
        (await ListNamesAsync(string.Empty)).Should().Equal("folder/file");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/absolute")]
    [InlineData("folder//")]
    [InlineData("/")]
    [InlineData("../")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("line\nbreak")]
    [InlineData("back\\slash")]
    [InlineData("lone surrogate", '\ud800')]
    [InlineData("0123456789abcde/", 'x', 64)]
    public async Task AnyRequest_InvalidName_IsAnArgumentException(string start, char? end = null, int times = 1)
    {
        var name = string.Concat(Enumerable.Repeat(start, times)) + end;
        await PutAsync("valid");
        Func<Task>[] requests =
        [
            () => Store.GetAsync(name, default, Token),
            () => Store.OpenReadAsync(name, null, Token),
            () => PutAsync(name),
            () => Store.PatchMetadataAsync(name, new Dictionary<string, string?>(), default, Token),
            () => Store.MoveAsync(name, "other", null, Token),
            () => Store.MoveAsync("valid", name, null, Token),
            () => Store.CopyAsync(name, "other", null, Token),
            () => Store.CopyAsync("valid", name, null, Token),
            () => Store.DeleteAsync(name, null, Token),
        ];

        foreach (var request in requests)
        {
            await request.Should().ThrowAsync<ArgumentException>();
        }

        (await ListNamesAsync(string.Empty)).Should().Equal("valid");
    }
}
