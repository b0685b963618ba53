using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public async Task Patch_Metadata_MergesAndRaisesOnlyTheMetageneration()
    {
        var written = await PutAsync("file", "content", new()
        {
            ContentType = "text/plain",
            CacheControl = "no-store",
            Metadata = new Dictionary<string, string> { ["keep"] = "1", ["change"] = "2", ["remove"] = "3" },
        });

        var patched = await Store.PatchMetadataAsync(
            "file",
            new Dictionary<string, string?> { ["change"] = "two", ["remove"] = null, ["add"] = "4", ["absent"] = null },
            default,
            Token);

        patched.Metadata.Should().Equal(new Dictionary<string, string> { ["keep"] = "1", ["change"] = "two", ["add"] = "4" });
        patched.Generation.Should().Be(written.Generation);
        patched.Metageneration.Should().Be(2);
        patched.Should().BeEquivalentTo(written, options => options.Excluding(item => item.Metadata).Excluding(item => item.Metageneration).Excluding(item => item.Updated));
        patched.Updated.Should().BeOnOrAfter(written.Updated);
        (await Store.GetAsync("file", default, Token)).Should().BeEquivalentTo(patched);
        (await ReadTextAsync("file", new() { Generation = written.Generation })).Should().Be("content");
    }

    [Fact]
    public async Task Patch_NoChange_RaisesTheMetagenerationAllTheSame()
    {
        await PutAsync("file");

        (await Store.PatchMetadataAsync("file", new Dictionary<string, string?>(), default, Token)).Metageneration.Should().Be(2);
        (await Store.PatchMetadataAsync("file", new Dictionary<string, string?>(), default, Token)).Metageneration.Should().Be(3);
    }

    [Fact]
    public async Task Change_MissingObject_IsNotFound()
    {
        await FailsAsync(() => Store.PatchMetadataAsync("missing", new Dictionary<string, string?> { ["a"] = "b" }, default, Token), ObjectStoreError.NotFound);
        await FailsAsync(() => Store.MoveAsync("missing", "other", null, Token), ObjectStoreError.NotFound);
        await FailsAsync(() => Store.CopyAsync("missing", "other", null, Token), ObjectStoreError.NotFound);
        var failure = await FailsAsync(() => Store.DeleteAsync("missing", null, Token), ObjectStoreError.NotFound);

        failure.ObjectName.Should().Be("missing");
        failure.Message.Should().Contain("missing");
        (await ListNamesAsync(string.Empty)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Transfer_Object_TakesContentAndMetadataAlong(bool move, bool replace)
    {
        var source = await PutAsync("from/source", "content", new()
        {
            ContentType = "text/plain",
            CacheControl = "no-store",
            Metadata = new Dictionary<string, string> { ["key"] = "value" },
        });
        source = await Store.PatchMetadataAsync("from/source", new Dictionary<string, string?> { ["more"] = "1" }, default, Token);
        var replaced = replace ? await PutAsync("to/target", "content", new() { Metadata = new Dictionary<string, string> { ["old"] = "1" } }) : null;

        var target = await (move ? Store.MoveAsync("from/source", "to/target", null, Token) : Store.CopyAsync("from/source", "to/target", null, Token));

        target.Name.Should().Be("to/target");
        target.Metageneration.Should().Be(1);
        target.Generation.Should().NotBe(replaced?.Generation ?? 0);
        target.Should().BeEquivalentTo(
            source,
            options => options.Including(item => item.Size).Including(item => item.Crc32C).Including(item => item.Metadata).Including(item => item.ContentType).Including(item => item.CacheControl));
        (await Store.GetAsync("to/target", default, Token)).Should().BeEquivalentTo(target);
        (await ReadTextAsync("to/target")).Should().Be("content");
        (await ListNamesAsync(string.Empty)).Should().Equal(move ? ["to/target"] : ["from/source", "to/target"]);
        (await Store.GetAsync("from/source", default, Token)).Should().BeEquivalentTo(move ? null : source);
    }

    [Fact]
    public async Task Move_ThereAndBack_NeverRepeatsAGeneration()
    {
        var generations = new HashSet<long> { (await PutAsync("a")).Generation };
        for (var i = 0; i < 3; i++)
        {
            await Store.MoveAsync("a", "b", null, Token);
            generations.Add((await Store.MoveAsync("b", "a", null, Token)).Generation).Should().BeTrue();
        }
    }

    [Fact]
    public async Task Move_OntoItself_IsRefusedAndChangesNothing()
    {
        var written = await PutAsync("file");

        await FailsAsync(() => Store.MoveAsync("file", "file", null, Token), ObjectStoreError.InvalidRequest);

        (await Store.GetAsync("file", default, Token)).Should().BeEquivalentTo(written);
    }

    [Fact]
    public async Task Copy_OntoItself_MakesANewGeneration()
    {
        var written = await PutAsync("file", "content", new() { Metadata = new Dictionary<string, string> { ["a"] = "1" } });

        var copied = await Store.CopyAsync(
            "file",
            "file",
            new() { Source = ObjectPreconditions.Matches(written), Destination = ObjectPreconditions.Matches(written) },
            Token);

        copied.Generation.Should().NotBe(written.Generation);
        copied.Metadata.Should().Equal(written.Metadata);
        (await ReadTextAsync("file")).Should().Be("content");
    }

    [Fact]
    public async Task Delete_Object_IsGoneAtOnce()
    {
        await PutAsync("folder/a");
        await PutAsync("folder/b");

        await Store.DeleteAsync("folder/a", null, Token);

        (await Store.GetAsync("folder/a", default, Token)).Should().BeNull();
        (await ListNamesAsync(string.Empty)).Should().Equal("folder/b");
        await FailsAsync(() => Store.DeleteAsync("folder/a", null, Token), ObjectStoreError.NotFound);
    }

    [Fact]
    public async Task Delete_Generation_DeletesOnlyThatOne()
    {
        var first = await PutAsync("file", "one");
        var second = await PutAsync("file", "two");

        await FailsAsync(() => Store.DeleteAsync("file", new() { Generation = first.Generation }, Token), ObjectStoreError.NotFound);
        (await ReadTextAsync("file")).Should().Be("two");

        await Store.DeleteAsync("file", new() { Generation = second.Generation, Preconditions = ObjectPreconditions.Matches(second) }, Token);
        (await Store.GetAsync("file", default, Token)).Should().BeNull();
    }

    [Fact]
    public async Task Preconditions_DeletedAndWrittenAgain_DoNotHold()
    {
        var first = await PutAsync("file", "same");
        await Store.DeleteAsync("file", null, Token);
        await PutAsync("file", "same");

        await FailsAsync(() => PutAsync("file", "mine", new() { Preconditions = ObjectPreconditions.Matches(first) }), ObjectStoreError.PreconditionFailed);
        (await ReadTextAsync("file")).Should().Be("same");
    }
}
