using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A file that a dead run has staged already.</summary>
public sealed class StagedFilesResumeTests : StagingTestBase
{
    [Fact]
    public async Task Stage_DeadRunHasIt_MovesIt()
    {
        await Run.LeaveAsync("blobs/other name", Small);
        await Run.KeepAsync("v1", Path, Small);

        var file = await Run.StageAsync(Path, Small);

        file.Should().BeEquivalentTo(await DescribeAsync(Small));
        Run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Move);
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.ToldPulled, Run.Progress.Sum()).Should().Be((0, 20, 0, 20));
        (Run.Source.Reads, Run.Asked).Should().Be((0, 1));
    }

    [Fact]
    public async Task Stage_DeadRunHasAnotherSizeUnderTheDigest_PullsIt()
    {
        await Run.LeaveAsync(Path, StagingRun.Bytes(19), StagingRun.Hash(Small));

        await Run.StageAsync(Path, Small);

        Run.Source.Reads.Should().Be(1);
        Run.Changes.Should().OnlyContain(c => c.Kind == StoreOperationKind.Write);
    }

    [Fact]
    public async Task Stage_DeadRunHasALargeFileWithItsReceipt_KeepsTheRegions()
    {
        var left = await Run.LeaveAsync("blobs/x", Large);
        await Run.LeaveReceiptAsync(Receipt(left));

        var file = await Run.StageAsync(Path, Large);

        file.Regions.Should().BeEquivalentTo(Run.RegionsOf(Large));
        (await ReadReceiptAsync()).Should().BeEquivalentTo(file with { Generation = 0 }, "the next run must find it beside the moved file");
        Run.Changes.Select(c => c.Kind).Should().Equal(StoreOperationKind.Write, StoreOperationKind.Move);
        Run.Source.Reads.Should().Be(0);
    }

    [Fact]
    public async Task Stage_DeadRunHasAFileOfOneRegion_NeedsNoReceipt()
    {
        var content = StagingRun.Bytes(64);
        await Run.LeaveAsync(Path, content);

        await Run.StageAsync(Path, content);

        Run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Move);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("unreadable")]
    [InlineData("sha256")]
    [InlineData("size")]
    [InlineData("crc32c")]
    [InlineData("no regions")]
    [InlineData("region size")]
    [InlineData("too few regions")]
    [InlineData("too many regions")]
    [InlineData("no digest in regions")]
    [InlineData("null in regions")]
    public async Task Stage_ReceiptCannotBeUsed_PullsTheLargeFileAgain(string flaw)
    {
        var left = await Run.LeaveAsync(Path, Large);
        var good = Receipt(left);
        var regions = good.Regions!;
        await (flaw switch
        {
            "missing" => Task.CompletedTask,
            "unreadable" => Run.LeaveReceiptAsync(Path, "{"),
            "null in regions" => Run.LeaveReceiptAsync(Path, Encoding.UTF8.GetString(ManifestJson.SerializeFile(good)).Replace("[", "null, \"x\": [", StringComparison.Ordinal)),
            "sha256" => Run.LeaveReceiptAsync(good with { Sha256 = StagingRun.Hash(Small) }),
            "size" => Run.LeaveReceiptAsync(good with { Size = 101 }),
            "crc32c" => Run.LeaveReceiptAsync(good with { Crc32C = good.Crc32C + 1 }),
            "no regions" => Run.LeaveReceiptAsync(good with { Regions = null }),
            "region size" => Run.LeaveReceiptAsync(good with { Regions = regions with { Size = 63 } }),
            "too few regions" => Run.LeaveReceiptAsync(good with { Regions = regions with { Sha256 = [regions.Sha256[0]] } }),
            "too many regions" => Run.LeaveReceiptAsync(good with { Regions = regions with { Sha256 = [.. regions.Sha256, regions.Sha256[0]] } }),
            _ => Run.LeaveReceiptAsync(good with { Regions = regions with { Sha256 = [regions.Sha256[0], "x"] } }),
        });

        var file = await Run.StageAsync(Path, Large);

        Run.Source.Reads.Should().Be(1);
        file.Regions.Should().BeEquivalentTo(regions);
        (await Run.Inner.GetAsync(StagingRun.Older.File(Path))).Should().BeEquivalentTo(left, "tidying removes it, when the new one is there");
    }

    [Theory]
    [InlineData(ObjectStoreError.NotFound)]
    [InlineData(ObjectStoreError.PreconditionFailed)]
    public async Task Stage_WhatADeadRunHadIsGone_PullsIt(ObjectStoreError error)
    {
        await Run.LeaveAsync(Path, Small);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore(error) : StoreFault.None;

        await Run.StageAsync(Path, Small);

        (Run.Source.Reads, Run.Staged.BytesCopied).Should().Be((1, 0));
    }

    [Fact]
    public async Task Stage_StoreFailsToMove_IsNotTakenForGone()
    {
        await Run.LeaveAsync(Path, Small);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore() : StoreFault.None;

        (await Failing(Small).Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.Unavailable);

        Run.Source.Reads.Should().Be(0);
    }

    [Fact]
    public async Task Stage_AnEarlierTryOfTheMoveTookEffect_IsFound()
    {
        await Run.LeaveAsync(Path, Small);
        await Run.Inner.WriteAsync(StagingRun.Own.File(Path), new MemoryStream(Small));

        var file = await Run.StageAsync(Path, Small);

        file.Generation.Should().Be((await Run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Generation);
        (Run.Source.Reads, Run.Staged.BytesCopied).Should().Be((0, 20));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(20)]
    public async Task Stage_OtherBytesAreWhereItBelongs_AreNotTaken(int count)
    {
        await Run.LeaveAsync(Path, Small);
        await Run.Inner.WriteAsync(StagingRun.Own.File(Path), new MemoryStream(new byte[count]));

        (await Failing(Small).Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.PreconditionFailed);
    }

    [Theory]
    [InlineData("a dead run")]
    [InlineData("a kept version")]
    public async Task Stage_LeaseIsLostBeforeItIsBrought_ChangesNothing(string from)
    {
        await (from == "a dead run" ? Run.LeaveAsync(Path, Small) : (Task)Run.KeepAsync("v1", Path, Small));
        Run.LostAt = 1;

        await Failing(Small).Should().ThrowAsync<ModelCacheException>().WithMessage("the lease was lost");

        Run.Changes.Should().BeEmpty();
    }

    private ManifestFile Receipt(StoredObject left) => new()
    {
        Path = left.Name[StagingRun.Older.File("").Length..],
        Size = left.Size,
        Sha256 = StagingRun.Hash(Large),
        Crc32C = left.Crc32C,
        Regions = Run.RegionsOf(Large),
    };
}
