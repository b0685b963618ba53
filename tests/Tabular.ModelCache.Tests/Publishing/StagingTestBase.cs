using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A run that stages one file, for the tests of where it comes from.</summary>
public abstract class StagingTestBase
{
    private protected const string Path = "blobs/a";

    // Without ranges a file of any size goes in one piece; this one has two regions.
    private protected static readonly byte[] Large = StagingRun.Bytes(100);
    private protected static readonly byte[] Small = StagingRun.Bytes(20);

    private protected StagingRun Run { get; } = new();

    private protected Func<Task> Failing(byte[] content) => () => Run.StageAsync(Path, content);

    /// <summary>What must be known of a staged file, with the generation that it has in the store.</summary>
    private protected async Task<ManifestFile> DescribeAsync(byte[] content, FileRegions? regions = null) => new()
    {
        Path = Path,
        Size = content.Length,
        Sha256 = StagingRun.Hash(content),
        Crc32C = Crc32C.Compute(content),
        Regions = regions,
        Generation = (await Run.Inner.GetAsync(StagingRun.Own.File(Path)))!.Generation,
    };

    private protected async Task<ManifestFile?> ReadReceiptAsync()
    {
        var read = await Run.Inner.ReadAllAsync(StagingRun.Own.Receipt(Path), 1 << 20, CancellationToken.None);
        return ManifestJson.TryParseFile(read!.Bytes);
    }
}
