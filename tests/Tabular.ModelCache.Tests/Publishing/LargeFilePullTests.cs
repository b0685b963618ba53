using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>One file in parts: what is taken over from a dead run, what is counted, and what a failure leaves.</summary>
public sealed class LargeFilePullTests
{
    private const string Path = "blobs/a";
    private const int Size = 55;

    // Six parts, the last of five bytes; no regions.
    private static readonly byte[] Content = StagingRun.Bytes(Size);

    private readonly StagingRun _run = new();

    public LargeFilePullTests() => _run.Source.GivesRanges = true;

    [Fact]
    public async Task Stage_LargeFileWithRanges_GoesInPartsAndIsMarkedWhole()
    {
        var file = await _run.StageAsync(Path, Content);

        var stored = await _run.Inner.GetAsync(StagingRun.Own.File(Path));
        file.Should().BeEquivalentTo(new ManifestFile
        {
            Path = Path,
            Size = Size,
            Sha256 = StagingRun.Hash(Content),
            Crc32C = Crc32C.Compute(Content),
            Generation = stored!.Generation,
        });
        stored.Metadata.Should().Equal(new Dictionary<string, string> { ["sha256"] = file.Sha256 });
        _run.Changes.Select(c => c.Kind).Should().Equal([.. Enumerable.Repeat(StoreOperationKind.Write, 6), StoreOperationKind.Compose], "no receipt without regions");
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.ToldPulled, _run.Progress.Sum()).Should().Be((Size, 0, Size, Size));
        _run.Asked.Should().Be(13, "before each part is read, before each is sent, and before they are joined");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_LargeFileWithRegions_WritesItsReceiptBeforeItIsJoined()
    {
        var content = StagingRun.Bytes(70);

        var file = await _run.StageAsync(Path, content);

        file.Regions.Should().BeEquivalentTo(_run.RegionsOf(content));
        _run.Changes.TakeLast(2).Select(c => c.DestinationName ?? c.Name).Should().Equal(StagingRun.Own.Receipt(Path), StagingRun.Own.File(Path));
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(31, 4)]
    public async Task Stage_AroundTheLargestWholeFile_GoesInOnePieceOrInParts(int size, int ranges)
    {
        await _run.StageAsync(Path, StagingRun.Bytes(size));

        (_run.Source.Ranges.Count, _run.Source.Reads).Should().Be((ranges, ranges == 0 ? 1 : 0));
    }

    [Fact]
    public async Task Stage_SourcePromisesNoDigest_GoesInOnePiece()
    {
        _run.Source.PromisesDigests = false;

        await _run.StageAsync(Path, Content);

        (_run.Source.Ranges.Count, _run.Source.Reads).Should().Be((0, 1));
    }

    [Fact]
    public async Task Stage_DeadRunLeftParts_AreMovedAndReadBack()
    {
        foreach (var offset in new[] { 0, 20, 50 })
        {
            await _run.LeavePartAsync(Content, offset, Content[offset..Math.Min(offset + 10, Size)]);
        }

        var file = await _run.StageAsync(Path, Content);

        (await _run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Generation.Should().Be(file.Generation);
        _run.Source.Ranges.Select(r => r.Offset).Should().BeEquivalentTo([10L, 30, 40]);
        _run.Changes.Count(c => c.Kind == StoreOperationKind.Move).Should().Be(3);
        _run.Changes.Count(c => c.Kind == StoreOperationKind.Write).Should().Be(3, "what is there already is not sent again");
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.ToldPulled, _run.Progress.Sum()).Should().Be((30, 25, 30, Size));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public async Task Stage_DeadRunCutTheFileOtherwise_IsNotTakenOver(int count)
    {
        await _run.LeavePartAsync(Content, 20, Content[20..(20 + count)]);

        await _run.StageAsync(Path, Content);

        _run.Source.Ranges.Should().HaveCount(6);
        _run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Move);
        _run.Staged.BytesCopied.Should().Be(0);
    }

    [Fact]
    public async Task Stage_DeadRunLeftPartsOfAnotherFile_AreNotTakenOver()
    {
        await _run.LeavePartAsync([1], 20, Content[20..30]);

        await _run.StageAsync(Path, Content);

        _run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Move);
    }

    [Theory]
    [InlineData(ObjectStoreError.NotFound)]
    [InlineData(ObjectStoreError.PreconditionFailed)]
    public async Task Stage_PartOfADeadRunIsGone_IsPulled(ObjectStoreError error)
    {
        await _run.LeavePartAsync(Content, 20, Content[20..30]);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore(error) : StoreFault.None;

        await _run.StageAsync(Path, Content);

        _run.Source.Ranges.Should().HaveCount(6);
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.Progress.Sum()).Should().Be((Size, 0, Size));
        _run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Delete, "there is nothing to delete");
    }

    [Fact]
    public async Task Stage_PartOfADeadRunIsDamaged_IsDeletedAndPulled()
    {
        await _run.LeavePartAsync(Content, 20, Content[20..30]);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.OpenRead ? StoreFault.FailBefore(ObjectStoreError.Corrupted) : StoreFault.None;

        await _run.StageAsync(Path, Content);

        _run.Source.Ranges.Should().HaveCount(6);
        _run.Changes.Where(c => c.Name == StagingRun.Own.Part(StagingRun.Hash(Content), 20) && c.Kind != StoreOperationKind.Compose)
            .Select(c => c.Kind).Should().Equal(StoreOperationKind.Delete, StoreOperationKind.Write);
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.Progress.Sum()).Should().Be((Size, 0, Size));
    }

    [Fact]
    public async Task Stage_PartIsDeletedWhileItIsReadBack_NamesIt()
    {
        await _run.LeavePartAsync(Content, 20, Content[20..30]);
        var part = StagingRun.Own.Part(StagingRun.Hash(Content), 20);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.OpenRead ? StoreFault.RunBefore(token => _run.Inner.DeleteAsync(part, null, token)) : StoreFault.None;

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"memory/{part} is gone although this attempt owns it; somebody deletes from .tmp/. Run the sync again.");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_StoreFailsWhileAPartIsReadBack_IsNotTakenForDamage()
    {
        await _run.LeavePartAsync(Content, 20, Content[20..30]);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.OpenRead ? StoreFault.TruncateRead(4) : StoreFault.None;

        await Failing(Content).Should().ThrowAsync<ObjectStoreException>();

        (await _run.Inner.GetAsync(StagingRun.Own.Part(StagingRun.Hash(Content), 20))).Should().NotBeNull("the next run takes it over");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_PartOfADeadRunHasOtherBytes_DeletesAllAndPullsTheFileOnce()
    {
        await _run.LeavePartAsync(Content, 20, new byte[10]);

        var file = await _run.StageAsync(Path, Content);

        file.Crc32C.Should().Be(Crc32C.Compute(Content));
        _run.Source.Ranges.Should().HaveCount(5 + 6);
        _run.Changes.Count(c => c.Kind == StoreOperationKind.Delete).Should().Be(6);
        _run.Progress.Sum().Should().Be(Size, "what had to be thrown away is taken back");
        _run.ToldPulled.Should().Be(45 + Size, "but it did come from the source");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_SourceSendsOtherBytes_PullsOnceAndDeletesTheParts()
    {
        _run.Source.Sent[Path] = new byte[Size];

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>()).WithMessage("*sent other bytes than it promised*");

        _run.Source.Ranges.Should().HaveCount(6);
        _run.Changes.Count(c => c.Kind == StoreOperationKind.Delete).Should().Be(6);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_SourceSendsOtherBytesAndTheStoreFails_TellsOfTheSource()
    {
        _run.Source.Sent[Path] = new byte[Size];
        _run.Store.Inject = o => o.Kind == StoreOperationKind.Delete ? StoreFault.FailBefore() : StoreFault.None;

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>()).WithMessage("*sent other bytes than it promised*");
    }

    [Fact]
    public async Task Stage_UploadFails_StopsTheOthers()
    {
        _run.Store.Inject = o => o.Kind == StoreOperationKind.Write ? StoreFault.FailBefore(ObjectStoreError.OutOfSpace) : StoreFault.None;

        (await Failing(StagingRun.Bytes(2000)).Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.OutOfSpace);

        _run.Source.Ranges.Count.Should().BeLessThan(10, "no more than the parts that were on their way are asked for");
        _run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Compose);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_SourceEndsEarly_SaysHowMuchIsMissing()
    {
        _run.Source.Sent[Path] = Content[..33];

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"The source of '{Path}' ended 7 bytes too early in a part of its 55 bytes; nothing was published, try again.");

        _run.Staged.BytesPulled.Should().BeInRange(33, 33);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_LeaseIsLostWhileAPartIsSent_SendsNoMore()
    {
        _run.LostAt = 5;

        await Failing(Content).Should().ThrowAsync<ModelCacheException>().WithMessage("the lease was lost");

        _run.Changes.Should().HaveCountLessThan(5).And.NotContain(c => c.Kind == StoreOperationKind.Compose);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_StoreJoinsOtherBytes_SaysSo()
    {
        _run.Seen = new AnsweringStore(_run.Store, o => o.Name == StagingRun.Own.File(Path) ? o with { Crc32C = 1 } : o);

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>()).WithMessage($"memory stored other bytes of '{Path}' than were sent: *found 00000001.");
    }

    private Func<Task> Failing(byte[] content) => () => _run.StageAsync(Path, content);

    private void ShouldHaveReturnedAllBuffers() =>
        Enumerable.Range(0, _run.Limits.InMemory).Select(_ => _run.Buffers.TryRent()).Should().NotContainNulls("a buffer that is lost is missed by every later file");
}
