using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Contract.Tests.Stores;

public abstract partial class ObjectStoreContract
{
    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 100_000)]
    [InlineData(32, 5)]
    public async Task Compose_Objects_JoinsThemInOrderAndLeavesThem(int count, int size)
    {
        var bytes = Pattern(count * size);
        var parts = new List<ComposeSource>();
        for (var i = 0; i < count; i++)
        {
            var part = await Store.WriteAsync(
                $"parts/{i:d2}",
                new MemoryStream(bytes, i * size, size),
                new() { ContentType = "text/x-part", Metadata = new Dictionary<string, string> { ["part"] = "1" } },
                Token);
            parts.Add(new ComposeSource(part.Name, part.Generation));
        }

        var joined = await Store.ComposeAsync(
            parts,
            "joined",
            new()
            {
                Preconditions = ObjectPreconditions.MustNotExist,
                ContentType = "application/x-joined",
                Length = bytes.Length,
                Crc32C = Crc32C.Compute(bytes),
                Metadata = new Dictionary<string, string> { ["sha256"] = "abc" },
            },
            Token);

        joined.Name.Should().Be("joined");
        joined.Size.Should().Be(bytes.Length);
        joined.Crc32C.Should().Be(Crc32C.Compute(bytes));
        joined.Metageneration.Should().Be(1);
        joined.ContentType.Should().Be("application/x-joined");
        joined.Metadata.Should().Equal(new Dictionary<string, string> { ["sha256"] = "abc" });
        (await Store.GetAsync("joined", default, Token)).Should().BeEquivalentTo(joined);
        await using var content = await Store.OpenReadAsync("joined", null, Token);
        using var read = new MemoryStream();
        await content!.Stream.CopyToAsync(read, Token);
        read.ToArray().Should().Equal(bytes);
        (await ListNamesAsync("parts/")).Should().HaveCount(count);
    }

    [Fact]
    public async Task Compose_JoinedObjects_CanBeJoinedAgain()
    {
        var a = await PutAsync("a", "a");
        var b = await PutAsync("b", "b");
        var ab = await Store.ComposeAsync([new("a", a.Generation), new("b", b.Generation)], "ab", null, Token);

        await Store.ComposeAsync([new("ab", ab.Generation), new("a", a.Generation), new("ab", ab.Generation)], "all", null, Token);

        (await ReadTextAsync("all")).Should().Be("abaab");
    }

    [Fact]
    public async Task Compose_SourceReplacedOrMissing_IsNotFoundAndWritesNothing()
    {
        var first = await PutAsync("a", "a");
        var old = await PutAsync("b", "b");
        await PutAsync("b", "new");

        await FailsAsync(
            () => Store.ComposeAsync([new("a", first.Generation), new("b", old.Generation)], "joined", null, Token), ObjectStoreError.NotFound);
        await FailsAsync(
            () => Store.ComposeAsync([new("a", first.Generation), new("missing", 1)], "joined", null, Token), ObjectStoreError.NotFound);

        (await Store.GetAsync("joined", default, Token)).Should().BeNull();
    }

    [Fact]
    public async Task Compose_DestinationExists_ObeysTheConditions()
    {
        var part = await PutAsync("part", "part");
        var old = await PutAsync("joined", "old");
        ComposeSource[] sources = [new("part", part.Generation)];

        await FailsAsync(
            () => Store.ComposeAsync(sources, "joined", new() { Preconditions = ObjectPreconditions.MustNotExist }, Token),
            ObjectStoreError.PreconditionFailed);
        (await ReadTextAsync("joined")).Should().Be("old");

        var joined = await Store.ComposeAsync(sources, "joined", new() { Preconditions = ObjectPreconditions.Matches(old) }, Token);

        joined.Generation.Should().NotBe(old.Generation);
        (await ReadTextAsync("joined")).Should().Be("part");
    }

    [Fact]
    public async Task Compose_OtherThanDeclared_IsCorruptedAndLeavesNothing()
    {
        var part = await PutAsync("part", "part");
        ComposeSource[] sources = [new("part", part.Generation)];

        await FailsAsync(
            () => Store.ComposeAsync(sources, "joined", new() { Preconditions = ObjectPreconditions.MustNotExist, Crc32C = 1 }, Token),
            ObjectStoreError.Corrupted);
        await FailsAsync(
            () => Store.ComposeAsync(sources, "joined", new() { Preconditions = ObjectPreconditions.MustNotExist, Length = 5 }, Token),
            ObjectStoreError.Corrupted);

        (await Store.GetAsync("joined", default, Token)).Should().BeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public async Task Compose_NoneOrTooMany_IsRefused(int count)
    {
        var part = await PutAsync("part", "part");
        var sources = Enumerable.Repeat(new ComposeSource("part", part.Generation), count).ToArray();

        await Store.Invoking(s => s.ComposeAsync(sources, "joined", null, Token)).Should().ThrowAsync<ArgumentException>();
    }
}
