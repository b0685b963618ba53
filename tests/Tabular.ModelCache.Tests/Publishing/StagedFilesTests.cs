using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>Where a file comes from: the staging of a dead run, a kept version, or its source; files that go in one piece.</summary>
public sealed class StagedFilesTests
{
    private const string Path = "blobs/a";

    // Without ranges a file of any size goes in one piece; this one has two regions.
    private static readonly byte[] Large = StagingRun.Bytes(100);
    private static readonly byte[] Small = StagingRun.Bytes(20);

    private readonly StagingRun _run = new();

    [Fact]
    public async Task Stage_NowhereElse_PullsItAndMarksTheObject()
    {
        var file = await _run.StageAsync(Path, Small);

        var stored = await _run.Inner.GetAsync(StagingRun.Own.File(Path));
        file.Should().BeEquivalentTo(new ManifestFile
        {
            Path = Path,
            Size = 20,
            Sha256 = StagingRun.Hash(Small),
            Crc32C = stored!.Crc32C,
            Generation = stored.Generation,
        });
        stored.Metadata.Should().Equal(new Dictionary<string, string> { ["sha256"] = file.Sha256 });
        _run.Changes.Should().ContainSingle("a file of one region needs no receipt").Which.Kind.Should().Be(StoreOperationKind.Write);
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.ToldPulled, _run.Progress.Sum()).Should().Be((20, 0, 20, 20));
        _run.Asked.Should().Be(2, "the lease is asked for before the source is opened and before the object comes to exist");
    }

    [Fact]
    public async Task Stage_SourcePromisesNoDigest_IsHashedButNotMarked()
    {
        _run.Source.PromisesDigests = false;
        await _run.LeaveAsync(Path, Small);
        await _run.KeepAsync("v1", Path, Small);

        var file = await _run.StageAsync(Path, Small);

        file.Sha256.Should().Be(StagingRun.Hash(Small));
        (await _run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Metadata.Should().BeEmpty();
        _run.Source.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Stage_LargeFile_WritesItsReceiptBeforeTheObject()
    {
        var file = await _run.StageAsync(Path, Large);

        file.Regions.Should().BeEquivalentTo(_run.RegionsOf(Large));
        _run.Changes.Select(c => c.Name).Should().Equal([StagingRun.Own.File(Path), StagingRun.Own.Receipt(Path)], "the receipt is written while the object is sent");
        (await ReadReceiptAsync()).Should().BeEquivalentTo(file with { Generation = 0 });
        _run.Asked.Should().Be(3);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public async Task Stage_LeaseIsLost_NoObjectComesToExist(int at, int receipts)
    {
        _run.LostAt = at;

        await Failing(Large).Should().ThrowAsync<ModelCacheException>().WithMessage("the lease was lost");

        (await _run.Inner.GetAsync(StagingRun.Own.File(Path))).Should().BeNull();
        (await NamesAsync()).Should().HaveCount(receipts);
        _run.Source.Reads.Should().Be(at == 1 ? 0 : 1);
    }

    [Fact]
    public async Task Stage_StoreDoesNotReadToTheEnd_IsABug()
    {
        _run.Seen = new AnsweringStore(_run.Store, o => o, reads: false);

        (await Failing(Small).Should().ThrowAsync<InvalidOperationException>()).WithMessage($"AnsweringStore created '{Path}' without reading its content to the end.");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Stage_StoreAnswersWithOtherBytes_SaysSo(int longer, uint other)
    {
        _run.Seen = new AnsweringStore(_run.Store, o => o with { Size = o.Size + longer, Crc32C = o.Crc32C ^ other });

        (await Failing(Small).Should().ThrowAsync<ModelCacheException>()).WithMessage($"memory stored other bytes of '{Path}' than were sent: expected crc32c *, found *.");
    }

    [Fact]
    public async Task Stage_DeadRunHasIt_MovesIt()
    {
        await _run.LeaveAsync("blobs/other name", Small);
        await _run.KeepAsync("v1", Path, Small);

        var file = await _run.StageAsync(Path, Small);

        file.Should().BeEquivalentTo(new ManifestFile
        {
            Path = Path,
            Size = 20,
            Sha256 = StagingRun.Hash(Small),
            Crc32C = Crc32C.Compute(Small),
            Generation = (await _run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Generation,
        });
        _run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Move);
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.ToldPulled, _run.Progress.Sum()).Should().Be((0, 20, 0, 20));
        (_run.Source.Reads, _run.Asked).Should().Be((0, 1));
    }

    [Fact]
    public async Task Stage_DeadRunHasAnotherSizeUnderTheDigest_PullsIt()
    {
        await _run.LeaveAsync(Path, StagingRun.Bytes(19), StagingRun.Hash(Small));

        await _run.StageAsync(Path, Small);

        _run.Source.Reads.Should().Be(1);
        _run.Changes.Should().OnlyContain(c => c.Kind == StoreOperationKind.Write);
    }

    [Fact]
    public async Task Stage_DeadRunHasALargeFileWithItsReceipt_KeepsTheRegions()
    {
        var left = await _run.LeaveAsync("blobs/x", Large);
        await _run.LeaveReceiptAsync(Receipt(left));

        var file = await _run.StageAsync(Path, Large);

        file.Regions.Should().BeEquivalentTo(_run.RegionsOf(Large));
        (await ReadReceiptAsync()).Should().BeEquivalentTo(file with { Generation = 0 }, "the next run must find it beside the moved file");
        _run.Changes.Select(c => c.Kind).Should().Equal(StoreOperationKind.Write, StoreOperationKind.Move);
        _run.Source.Reads.Should().Be(0);
    }

    [Fact]
    public async Task Stage_DeadRunHasAFileOfOneRegion_NeedsNoReceipt()
    {
        var content = StagingRun.Bytes(64);
        await _run.LeaveAsync(Path, content);

        await _run.StageAsync(Path, content);

        _run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Move);
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
        var left = await _run.LeaveAsync(Path, Large);
        var good = Receipt(left);
        var regions = good.Regions!;
        await (flaw switch
        {
            "missing" => Task.CompletedTask,
            "unreadable" => _run.LeaveReceiptAsync(Path, "{"),
            "null in regions" => _run.LeaveReceiptAsync(Path, Encoding.UTF8.GetString(ManifestJson.SerializeFile(good)).Replace("[", "null, \"x\": [", StringComparison.Ordinal)),
            "sha256" => _run.LeaveReceiptAsync(good with { Sha256 = StagingRun.Hash(Small) }),
            "size" => _run.LeaveReceiptAsync(good with { Size = 101 }),
            "crc32c" => _run.LeaveReceiptAsync(good with { Crc32C = good.Crc32C + 1 }),
            "no regions" => _run.LeaveReceiptAsync(good with { Regions = null }),
            "region size" => _run.LeaveReceiptAsync(good with { Regions = regions with { Size = 63 } }),
            "too few regions" => _run.LeaveReceiptAsync(good with { Regions = regions with { Sha256 = [regions.Sha256[0]] } }),
            "too many regions" => _run.LeaveReceiptAsync(good with { Regions = regions with { Sha256 = [.. regions.Sha256, regions.Sha256[0]] } }),
            _ => _run.LeaveReceiptAsync(good with { Regions = regions with { Sha256 = [regions.Sha256[0], "x"] } }),
        });

        var file = await _run.StageAsync(Path, Large);

        _run.Source.Reads.Should().Be(1);
        file.Regions.Should().BeEquivalentTo(regions);
        (await _run.Inner.GetAsync(StagingRun.Older.File(Path))).Should().BeEquivalentTo(left, "tidying removes it, when the new one is there");
    }

    [Theory]
    [InlineData(ObjectStoreError.NotFound)]
    [InlineData(ObjectStoreError.PreconditionFailed)]
    public async Task Stage_WhatADeadRunHadIsGone_PullsIt(ObjectStoreError error)
    {
        await _run.LeaveAsync(Path, Small);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore(error) : StoreFault.None;

        await _run.StageAsync(Path, Small);

        (_run.Source.Reads, _run.Staged.BytesCopied).Should().Be((1, 0));
    }

    [Fact]
    public async Task Stage_StoreFailsToMove_IsNotTakenForGone()
    {
        await _run.LeaveAsync(Path, Small);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.Move ? StoreFault.FailBefore() : StoreFault.None;

        (await Failing(Small).Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.Unavailable);

        _run.Source.Reads.Should().Be(0);
    }

    [Fact]
    public async Task Stage_AnEarlierTryOfTheMoveTookEffect_IsFound()
    {
        await _run.LeaveAsync(Path, Small);
        await _run.Inner.WriteAsync(StagingRun.Own.File(Path), new MemoryStream(Small));

        var file = await _run.StageAsync(Path, Small);

        file.Generation.Should().Be((await _run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Generation);
        (_run.Source.Reads, _run.Staged.BytesCopied).Should().Be((0, 20));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(20)]
    public async Task Stage_OtherBytesAreWhereItBelongs_AreNotTaken(int count)
    {
        await _run.LeaveAsync(Path, Small);
        await _run.Inner.WriteAsync(StagingRun.Own.File(Path), new MemoryStream(new byte[count]));

        (await Failing(Small).Should().ThrowAsync<ObjectStoreException>()).Which.Error.Should().Be(ObjectStoreError.PreconditionFailed);
    }

    [Theory]
    [InlineData("a dead run")]
    [InlineData("a kept version")]
    public async Task Stage_LeaseIsLostBeforeItIsBrought_ChangesNothing(string from)
    {
        await (from == "a dead run" ? _run.LeaveAsync(Path, Small) : (Task)_run.KeepAsync("v1", Path, Small));
        _run.LostAt = 1;

        await Failing(Small).Should().ThrowAsync<ModelCacheException>().WithMessage("the lease was lost");

        _run.Changes.Should().BeEmpty();
    }

    [Fact]
    public async Task Stage_KeptVersionHasIt_CopiesItOnTheServer()
    {
        var regions = _run.RegionsOf(Large);
        await _run.KeepAsync("v1", "blobs/old name", Large, f => f with { Regions = regions });

        var file = await _run.StageAsync(Path, Large);

        var copy = await _run.Inner.GetAsync(StagingRun.Own.File(Path));
        file.Should().BeEquivalentTo(new ManifestFile
        {
            Path = Path,
            Size = 100,
            Sha256 = StagingRun.Hash(Large),
            Crc32C = Crc32C.Compute(Large),
            Regions = regions,
            Generation = copy!.Generation,
        });
        _run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Copy);
        (_run.Staged.BytesPulled, _run.Staged.BytesCopied, _run.ToldPulled, _run.Progress.Sum()).Should().Be((0, 100, 0, 100));
        (_run.Source.Reads, _run.Asked).Should().Be((0, 1));
    }

    [Fact]
    public async Task Stage_KeptVersionHasItWithoutRegions_TakesTheOneThatHasThem()
    {
        var regions = _run.RegionsOf(Large);
        await _run.KeepAsync("v1", Path, Large);
        await _run.KeepAsync("v2", Path, Large, f => f with { Regions = regions });

        (await _run.StageAsync(Path, Large)).Regions.Should().Be(regions);

        _run.Changes.Should().ContainSingle().Which.Name.Should().Be($"ollama/v2/{Path}");
    }

    [Fact]
    public async Task Stage_KeptVersionHasALargeFileWithoutRegions_PullsIt()
    {
        await _run.KeepAsync("v1", Path, Large);

        (await _run.StageAsync(Path, Large)).Regions.Should().NotBeNull("without them it could only be hashed in one piece for ever after");

        _run.Source.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Stage_FileOfExactlyOneRegion_IsCopiedWithoutRegions()
    {
        var content = StagingRun.Bytes(64);
        await _run.KeepAsync("v1", Path, content);

        await _run.StageAsync(Path, content);

        _run.Source.Reads.Should().Be(0);
    }

    [Fact]
    public async Task Stage_KeptFileWasReplacedOrIsGone_TriesTheNextAndThenTheSource()
    {
        await _run.KeepAsync("v1", Path, Small);
        await _run.KeepAsync("v2", Path, Small);
        await _run.KeepAsync("v3", Path, Small);
        await _run.Inner.DeleteAsync($"ollama/v1/{Path}");
        await _run.Inner.WriteAsync($"ollama/v2/{Path}", new MemoryStream(Small));

        await _run.StageAsync(Path, Small);

        _run.Changes.Select(c => (c.Kind, c.Name)).Should().Equal(
            (StoreOperationKind.Copy, $"ollama/v1/{Path}"), (StoreOperationKind.Copy, $"ollama/v2/{Path}"), (StoreOperationKind.Copy, $"ollama/v3/{Path}"));
        _run.Source.Reads.Should().Be(0);

        await _run.Inner.DeleteAsync($"ollama/v3/{Path}");
        await _run.Inner.DeleteAsync(StagingRun.Own.File(Path));
        await _run.StageAsync(Path, Small);
        (_run.Source.Reads, _run.Staged.BytesCopied).Should().Be((1, 0));
    }

    [Fact]
    public async Task Stage_StoreFailsToCopy_IsNotTakenForGone()
    {
        await _run.KeepAsync("v1", Path, Small);
        _run.Store.Inject = o => o.Kind == StoreOperationKind.Copy ? StoreFault.FailBefore() : StoreFault.None;

        await Failing(Small).Should().ThrowAsync<ObjectStoreException>();

        _run.Source.Reads.Should().Be(0);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Stage_CopyDiffers_SaysSo(int longer, uint other)
    {
        await _run.KeepAsync("v1", Path, Small);
        _run.Seen = new AnsweringStore(_run.Store, o => o with { Size = o.Size + longer, Crc32C = o.Crc32C ^ other });

        (await Failing(Small).Should().ThrowAsync<ModelCacheException>()).WithMessage($"The copy of ollama/v1/{Path} in memory differs from it.");
    }

    [Fact]
    public async Task Stage_MarkerOfAKeptVersionHasTheBytes_IsNotCopied()
    {
        await _run.KeepAsync("v1", ".done", Small);

        await _run.StageAsync(Path, Small);

        _run.Source.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Stage_EmptyFile_IsNotWorthACopy()
    {
        await _run.KeepAsync("v1", Path, []);

        await _run.StageAsync(Path, []);

        _run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Write);
    }

    private Func<Task> Failing(byte[] content) => () => _run.StageAsync(Path, content);

    private ManifestFile Receipt(StoredObject left) => new()
    {
        Path = left.Name[StagingRun.Older.File("").Length..],
        Size = left.Size,
        Sha256 = StagingRun.Hash(Large),
        Crc32C = left.Crc32C,
        Regions = _run.RegionsOf(Large),
    };

    private async Task<ManifestFile?> ReadReceiptAsync()
    {
        var read = await _run.Inner.ReadAllAsync(StagingRun.Own.Receipt(Path), 1 << 20, CancellationToken.None);
        return ManifestJson.TryParseFile(read!.Bytes);
    }

    private async Task<IReadOnlyList<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var item in _run.Inner.ListAsync(StagingRun.Own.Prefix))
        {
            names.Add(item.Name);
        }

        return names;
    }
}
