using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>One file in parts: what is taken over from a dead run, what is counted, and what a failure leaves.</summary>
public sealed class LargeFilePullTests : StagingTestBase
{
    private const int Size = 55;

    // Six parts, the last of five bytes; no regions.
    private static readonly byte[] Content = StagingRun.Bytes(Size);

    public LargeFilePullTests() => Run.Source.GivesRanges = true;

    [Fact]
    public async Task Stage_LargeFileWithRanges_GoesInPartsAndIsMarkedWhole()
    {
        var file = await Run.StageAsync(Path, Content);

        var stored = await Run.Inner.GetAsync(StagingRun.Own.File(Path));
        file.Should().BeEquivalentTo(await DescribeAsync(Content));
        stored!.Metadata.Should().Equal(new Dictionary<string, string> { ["sha256"] = file.Sha256 });
        Run.Changes.Select(c => c.Kind).Should().Equal([.. Enumerable.Repeat(StoreOperationKind.Write, 6), StoreOperationKind.Compose], "no receipt without regions");
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.ToldPulled, Run.Progress.Sum()).Should().Be((Size, 0, Size, Size));
        Run.Asked.Should().Be(13, "before each part is read, before each is sent, and before they are joined");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_LargeFileWithRegions_WritesItsReceiptBeforeItIsJoined()
    {
        var content = StagingRun.Bytes(70);

        var file = await Run.StageAsync(Path, content);

        file.Regions.Should().BeEquivalentTo(Run.RegionsOf(content));
        Run.Changes.TakeLast(2).Select(c => c.DestinationName ?? c.Name).Should().Equal(StagingRun.Own.Receipt(Path), StagingRun.Own.File(Path));
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(31, 4)]
    public async Task Stage_AroundTheLargestWholeFile_GoesInOnePieceOrInParts(int size, int ranges)
    {
        await Run.StageAsync(Path, StagingRun.Bytes(size));

        (Run.Source.Ranges.Count, Run.Source.Reads).Should().Be((ranges, ranges == 0 ? 1 : 0));
    }

    [Fact]
    public async Task Stage_SourcePromisesNoDigest_GoesInOnePiece()
    {
        Run.Source.PromisesDigests = false;

        await Run.StageAsync(Path, Content);

        (Run.Source.Ranges.Count, Run.Source.Reads).Should().Be((0, 1));
    }

    [Fact]
    public async Task Stage_DeadRunLeftParts_AreMovedAndReadBack()
    {
        foreach (var offset in new[] { 0, 20, 50 })
        {
            await Run.LeavePartAsync(Content, offset, Content[offset..Math.Min(offset + 10, Size)]);
        }

        var file = await Run.StageAsync(Path, Content);

        (await Run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Generation.Should().Be(file.Generation);
        Run.Source.Ranges.Select(r => r.Offset).Should().BeEquivalentTo([10L, 30, 40]);
        Run.Changes.Count(c => c.Kind == StoreOperationKind.Move).Should().Be(3);
        Run.Changes.Count(c => c.Kind == StoreOperationKind.Write).Should().Be(3, "what is there already is not sent again");
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.ToldPulled, Run.Progress.Sum()).Should().Be((30, 25, 30, Size));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public async Task Stage_DeadRunCutTheFileOtherwise_IsNotTakenOver(int count)
    {
        await Run.LeavePartAsync(Content, 20, Content[20..(20 + count)]);

        await Run.StageAsync(Path, Content);

        Run.Source.Ranges.Should().HaveCount(6);
        Run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Move);
        Run.Staged.BytesCopied.Should().Be(0);
    }

    [Fact]
    public async Task Stage_DeadRunLeftPartsOfAnotherFile_AreNotTakenOver()
    {
        await Run.LeavePartAsync([1], 20, Content[20..30]);

        await Run.StageAsync(Path, Content);

        Run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Move);
    }

    [Theory]
    [InlineData(ObjectStoreError.NotFound)]
    [InlineData(ObjectStoreError.PreconditionFailed)]
    public async Task Stage_PartOfADeadRunIsGone_IsPulled(ObjectStoreError error)
    {
        await Run.LeavePartAsync(Content, 20, Content[20..30]);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore(error) : StoreFault.None;

        await Run.StageAsync(Path, Content);

        Run.Source.Ranges.Should().HaveCount(6);
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.Progress.Sum()).Should().Be((Size, 0, Size));
        Run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Delete, "there is nothing to delete");
    }

    [Fact]
    public async Task Stage_PartOfADeadRunIsDamaged_IsDeletedAndPulled()
    {
        await Run.LeavePartAsync(Content, 20, Content[20..30]);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.OpenRead ? StoreFault.FailBefore(ObjectStoreError.Corrupted) : StoreFault.None;

        await Run.StageAsync(Path, Content);

        Run.Source.Ranges.Should().HaveCount(6);
        Run.Changes.Where(c => c.Name == StagingRun.Own.Part(StagingRun.Hash(Content), 20) && c.Kind != StoreOperationKind.Compose)
            .Select(c => c.Kind).Should().Equal(StoreOperationKind.Delete, StoreOperationKind.Write);
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.Progress.Sum()).Should().Be((Size, 0, Size));
    }

    [Fact]
    public async Task Stage_PartIsDeletedWhileItIsReadBack_NamesIt()
    {
        await Run.LeavePartAsync(Content, 20, Content[20..30]);
        var part = StagingRun.Own.Part(StagingRun.Hash(Content), 20);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.OpenRead ? StoreFault.RunBefore(token => Run.Inner.DeleteAsync(part, null, token)) : StoreFault.None;

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"memory/{part} is gone although this attempt owns it; somebody deletes from .tmp/. Run the sync again.");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_StoreFailsWhileAPartIsReadBack_IsNotTakenForDamage()
    {
        await Run.LeavePartAsync(Content, 20, Content[20..30]);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.OpenRead ? StoreFault.TruncateRead(4) : StoreFault.None;

        await Failing(Content).Should().ThrowAsync<ObjectStoreException>();

        (await Run.Inner.GetAsync(StagingRun.Own.Part(StagingRun.Hash(Content), 20))).Should().NotBeNull("the next run takes it over");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_PartOfADeadRunHasOtherBytes_DeletesAllAndPullsTheFileOnce()
    {
        await Run.LeavePartAsync(Content, 20, new byte[10]);

        var file = await Run.StageAsync(Path, Content);

        file.Crc32C.Should().Be(Crc32C.Compute(Content));
        Run.Source.Ranges.Should().HaveCount(5 + 6);
        Run.Changes.Count(c => c.Kind == StoreOperationKind.Delete).Should().Be(6);
        Run.Progress.Sum().Should().Be(Size, "what had to be thrown away is taken back");
        Run.ToldPulled.Should().Be(45 + Size, "but it did come from the source");
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_SourceSendsOtherBytes_PullsOnceAndDeletesTheParts()
    {
        Run.Source.Sent[Path] = new byte[Size];

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>()).WithMessage("*sent other bytes than it promised*");

        Run.Source.Ranges.Should().HaveCount(6);
        Run.Changes.Count(c => c.Kind == StoreOperationKind.Delete).Should().Be(6);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_SourceSendsOtherBytesAndTheStoreFails_TellsOfTheSource()
    {
        Run.Source.Sent[Path] = new byte[Size];
        Run.Store.Inject = o => o.Kind == StoreOperationKind.Delete ? StoreFault.FailBefore() : StoreFault.None;

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>()).WithMessage("*sent other bytes than it promised*");
    }

    [Fact]
    public async Task Stage_UploadFails_StopsTheOthers()
    {
        Run.Store.Inject = o => o.Kind == StoreOperationKind.Write ? StoreFault.FailBefore(ObjectStoreError.OutOfSpace) : StoreFault.None;

        (await Failing(StagingRun.Bytes(2000)).Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.OutOfSpace);

        Run.Source.Ranges.Count.Should().BeLessThan(10, "no more than the parts that were on their way are asked for");
        Run.Changes.Should().NotContain(c => c.Kind == StoreOperationKind.Compose);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_SourceEndsEarly_SaysHowMuchIsMissing()
    {
        Run.Source.Sent[Path] = Content[..33];

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>())
            .WithMessage($"The source of '{Path}' ended 7 bytes too early in a part of its 55 bytes; nothing was published, try again.");

        Run.Staged.BytesPulled.Should().BeInRange(33, 33);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_LeaseIsLostWhileAPartIsSent_SendsNoMore()
    {
        Run.LostAt = 5;

        await Failing(Content).Should().ThrowAsync<ModelCacheException>().WithMessage("the lease was lost");

        Run.Changes.Should().HaveCountLessThan(5).And.NotContain(c => c.Kind == StoreOperationKind.Compose);
        ShouldHaveReturnedAllBuffers();
    }

    [Fact]
    public async Task Stage_StoreJoinsOtherBytes_SaysSo()
    {
        Run.Seen = new AnsweringStore(Run.Store, o => o.Name == StagingRun.Own.File(Path) ? o with { Crc32C = 1 } : o);

        (await Failing(Content).Should().ThrowAsync<ModelCacheException>()).WithMessage($"memory stored other bytes of '{Path}' than were sent: *found 00000001.");
    }

    private void ShouldHaveReturnedAllBuffers() =>
        Enumerable.Range(0, Run.Limits.InMemory).Select(_ => Run.Buffers.TryRent()).Should().NotContainNulls("a buffer that is lost is missed by every later file");
}
