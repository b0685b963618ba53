using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>Cloud Storage joins 32 objects at the most; more go in stages.</summary>
public sealed class PartJoinerTests
{
    private static readonly Dictionary<string, string> Mark = new() { ["sha256"] = new('4', 64) };

    private readonly InMemoryObjectStore _inner = new();
    private readonly FaultInjectingObjectStore _store;
    private int _asked;

    public PartJoinerTests() => _store = new FaultInjectingObjectStore(_inner);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 3)]
    [InlineData(1024, 33)]
    [InlineData(1025, 36)]
    public async Task Join_AnyNumberOfParts_MakesTheWholeInOrder(int count, int joins)
    {
        var content = StagingRun.Bytes(count * 2);
        var parts = await WritePartsAsync(content);

        var whole = await JoinAsync(content, parts);

        whole.Should().BeEquivalentTo(await _inner.GetAsync(StagingRun.Own.File("blobs/a")));
        (await _inner.ReadAllAsync(whole.Name, content.Length, default))!.Bytes.Should().Equal(content);
        whole.Metadata.Should().Equal(Mark);
        _store.GetSnapshot().Count(o => o.Kind == StoreOperationKind.Compose).Should().Be(joins);
        _asked.Should().Be(joins, "the lease is asked for before each");
        await foreach (var item in _inner.ListAsync(StagingRun.Own.Prefix + "parts/"))
        {
            item.Metadata.Should().BeEmpty("only the whole is proven");
        }
    }

    [Fact]
    public async Task Join_PartWasReplaced_IsRefused()
    {
        var parts = await WritePartsAsync(StagingRun.Bytes(6));
        await _inner.WriteAsync(parts[1].Name, new MemoryStream([1, 2]));

        await this.Invoking(t => t.JoinAsync(StagingRun.Bytes(6), parts)).Should().ThrowAsync<ObjectStoreException>();
    }

    [Fact]
    public async Task Join_WholeIsThereAlready_IsRefused()
    {
        var parts = await WritePartsAsync(StagingRun.Bytes(6));
        await _inner.WriteAsync(StagingRun.Own.File("blobs/a"), new MemoryStream([1]));

        (await this.Invoking(t => t.JoinAsync(StagingRun.Bytes(6), parts)).Should().ThrowAsync<ObjectStoreException>())
            .Which.Error.Should().Be(ObjectStoreError.PreconditionFailed);
    }

    [Theory]
    [InlineData(0, new int[0])]
    [InlineData(1, new[] { 1 })]
    [InlineData(10, new[] { 10 })]
    [InlineData(11, new[] { 10, 1 })]
    [InlineData(20, new[] { 10, 10 })]
    public void Of_AnySize_CoversTheFile(int size, int[] counts)
    {
        var parts = FilePart.Of(size, 10);

        parts.Select(p => p.Count).Should().Equal(counts);
        parts.Select(p => p.Offset).Should().Equal(counts.Select((_, i) => i * 10L));
    }

    [Fact]
    public void Of_FileOfManyGigabytes_HasOffsetsThatNeedLong() => FilePart.Of(5L << 30, 4 << 20)[^1].Should().Be(new FilePart((5L << 30) - (4 << 20), 4 << 20));

    private Task<StoredObject> JoinAsync(byte[] content, IReadOnlyList<StoredObject> parts) => new PartJoiner(_store, StagingRun.Own, () => _asked++).JoinAsync(
        new ManifestFile { Path = "blobs/a", Size = content.Length, Sha256 = StagingRun.Hash(content) }, parts, Mark, default);

    private async Task<IReadOnlyList<StoredObject>> WritePartsAsync(byte[] content)
    {
        var parts = new List<StoredObject>();
        foreach (var part in FilePart.Of(content.Length, 2))
        {
            parts.Add(await _inner.WriteBytesAsync(
                StagingRun.Own.Part(StagingRun.Hash(content), part.Offset), content[(int)part.Offset..((int)part.Offset + part.Count)], new ObjectWriteOptions(), default));
        }

        return parts;
    }
}
