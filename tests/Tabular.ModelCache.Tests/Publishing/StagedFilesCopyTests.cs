using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A file that a kept version has.</summary>
public sealed class StagedFilesCopyTests : StagingTestBase
{
    [Fact]
    public async Task Stage_KeptVersionHasIt_CopiesItOnTheServer()
    {
        var regions = Run.RegionsOf(Large);
        await Run.KeepAsync("v1", "blobs/old name", Large, f => f with { Regions = regions });

        var file = await Run.StageAsync(Path, Large);

        file.Should().BeEquivalentTo(await DescribeAsync(Large, regions));
        Run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Copy);
        (Run.Staged.BytesPulled, Run.Staged.BytesCopied, Run.ToldPulled, Run.Progress.Sum()).Should().Be((0, 100, 0, 100));
        (Run.Source.Reads, Run.Asked).Should().Be((0, 1));
    }

    [Fact]
    public async Task Stage_KeptVersionHasItWithoutRegions_TakesTheOneThatHasThem()
    {
        var regions = Run.RegionsOf(Large);
        await Run.KeepAsync("v1", Path, Large);
        await Run.KeepAsync("v2", Path, Large, f => f with { Regions = regions });

        (await Run.StageAsync(Path, Large)).Regions.Should().Be(regions);

        Run.Changes.Should().ContainSingle().Which.Name.Should().Be($"ollama/v2/{Path}");
    }

    [Fact]
    public async Task Stage_KeptVersionHasALargeFileWithoutRegions_PullsIt()
    {
        await Run.KeepAsync("v1", Path, Large);

        (await Run.StageAsync(Path, Large)).Regions.Should().NotBeNull("without them it could only be hashed in one piece for ever after");

        Run.Source.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Stage_FileOfExactlyOneRegion_IsCopiedWithoutRegions()
    {
        var content = StagingRun.Bytes(64);
        await Run.KeepAsync("v1", Path, content);

        await Run.StageAsync(Path, content);

        Run.Source.Reads.Should().Be(0);
    }

    [Fact]
    public async Task Stage_KeptFileWasReplacedOrIsGone_TriesTheNextAndThenTheSource()
    {
        await Run.KeepAsync("v1", Path, Small);
        await Run.KeepAsync("v2", Path, Small);
        await Run.KeepAsync("v3", Path, Small);
        await Run.Inner.DeleteAsync($"ollama/v1/{Path}");
        await Run.Inner.WriteAsync($"ollama/v2/{Path}", new MemoryStream(Small));

        await Run.StageAsync(Path, Small);

        Run.Changes.Select(c => (c.Kind, c.Name)).Should().Equal(
            (StoreOperationKind.Copy, $"ollama/v1/{Path}"), (StoreOperationKind.Copy, $"ollama/v2/{Path}"), (StoreOperationKind.Copy, $"ollama/v3/{Path}"));
        Run.Source.Reads.Should().Be(0);

        await Run.Inner.DeleteAsync($"ollama/v3/{Path}");
        await Run.Inner.DeleteAsync(StagingRun.Own.File(Path));
        await Run.StageAsync(Path, Small);
        (Run.Source.Reads, Run.Staged.BytesCopied).Should().Be((1, 0));
    }

    [Fact]
    public async Task Stage_StoreFailsToCopy_IsNotTakenForGone()
    {
        await Run.KeepAsync("v1", Path, Small);
        Run.Store.Inject = o => o.Kind == StoreOperationKind.Copy ? StoreFault.FailBefore() : StoreFault.None;

        await Failing(Small).Should().ThrowAsync<ObjectStoreException>();

        Run.Source.Reads.Should().Be(0);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Stage_CopyDiffers_SaysSo(int longer, uint other)
    {
        await Run.KeepAsync("v1", Path, Small);
        Run.Seen = new AnsweringStore(Run.Store, o => o with { Size = o.Size + longer, Crc32C = o.Crc32C ^ other });

        (await Failing(Small).Should().ThrowAsync<ModelCacheException>()).WithMessage($"The copy of ollama/v1/{Path} in memory differs from it.");
    }

    [Fact]
    public async Task Stage_MarkerOfAKeptVersionHasTheBytes_IsNotCopied()
    {
        await Run.KeepAsync("v1", ".done", Small);

        await Run.StageAsync(Path, Small);

        Run.Source.Reads.Should().Be(1);
    }

    [Fact]
    public async Task Stage_EmptyFile_IsNotWorthACopy()
    {
        await Run.KeepAsync("v1", Path, []);

        await Run.StageAsync(Path, []);

        Run.Changes.Should().ContainSingle().Which.Kind.Should().Be(StoreOperationKind.Write);
    }
}
