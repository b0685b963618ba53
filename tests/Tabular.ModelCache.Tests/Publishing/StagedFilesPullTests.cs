using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A file that only the source has, in one piece.</summary>
public sealed class StagedFilesPullTests : StagingTestBase
{
    [Fact]
    public async Task Stage_NowhereElse_PullsItAndMarksTheObject()
    {
        var file = await Run.StageAsync(Path, Small);

        var stored = await Run.Inner.GetAsync(StagingRun.Own.File(Path));
        file.Should().BeEquivalentTo(await DescribeAsync(Small));
        stored!.Metadata.Should().Equal(new Dictionary<string, string> { ["sha256"] = file.Sha256 });
        Run.Changes.Should().ContainSingle("a file of one region needs no receipt").Which.Kind.Should().Be(StoreOperationKind.Write);
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.ToldPulled, Run.Progress.Sum()).Should().Be((20, 0, 20, 20));
        Run.Asked.Should().Be(2, "the lease is asked for before the source is opened and before the object comes to exist");
    }

    [Fact]
    public async Task Stage_SourcePromisesNoDigest_IsHashedButNotMarked()
    {
        Run.Source.PromisesDigests = false;
        await Run.LeaveAsync(Path, Small);
        await Run.KeepAsync("v1", Path, Small);

        var file = await Run.StageAsync(Path, Small);

        file.Sha256.Should().Be(StagingRun.Hash(Small));
        (await Run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Metadata.Should().BeEmpty();
        Run.Source.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Stage_LargeFile_WritesItsReceiptBeforeTheObject()
    {
        var file = await Run.StageAsync(Path, Large);

        file.Regions.Should().BeEquivalentTo(Run.RegionsOf(Large));
        Run.Changes.Select(c => c.Name).Should().Equal([StagingRun.Own.File(Path), StagingRun.Own.Receipt(Path)], "the receipt is written while the object is sent");
        (await ReadReceiptAsync()).Should().BeEquivalentTo(file with { Generation = 0 });
        Run.Asked.Should().Be(3);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public async Task Stage_LeaseIsLost_NoObjectComesToExist(int at, int receipts)
    {
        Run.LostAt = at;

        await Failing(Large).Should().ThrowAsync<ModelCacheException>().WithMessage("the lease was lost");

        (await Run.Inner.GetAsync(StagingRun.Own.File(Path))).Should().BeNull();
        (await NamesAsync()).Should().HaveCount(receipts);
        Run.Source.Reads.Should().Be(at == 1 ? 0 : 1);
    }

    [Fact]
    public async Task Stage_StoreDoesNotReadToTheEnd_IsABug()
    {
        Run.Seen = new AnsweringStore(Run.Store, o => o, reads: false);

        (await Failing(Small).Should().ThrowAsync<InvalidOperationException>()).WithMessage($"AnsweringStore created '{Path}' without reading its content to the end.");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Stage_StoreAnswersWithOtherBytes_SaysSo(int longer, uint other)
    {
        Run.Seen = new AnsweringStore(Run.Store, o => o with { Size = o.Size + longer, Crc32C = o.Crc32C ^ other });

        (await Failing(Small).Should().ThrowAsync<ModelCacheException>()).WithMessage($"memory stored other bytes of '{Path}' than were sent: expected crc32c *, found *.");
    }

    private async Task<IReadOnlyList<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var item in Run.Inner.ListAsync(StagingRun.Own.Prefix))
        {
            names.Add(item.Name);
        }

        return names;
    }
}
