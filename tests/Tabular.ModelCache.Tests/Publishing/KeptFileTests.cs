using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>A kept version as the source of its own copy.</summary>
public sealed class KeptFileTests
{
    private readonly InMemoryObjectStore _store = new();

    [Fact]
    public async Task Resolve_KeptVersion_GivesItsFilesAndNoMarkers()
    {
        var resolution = KeptFile.Resolve(_store, await KeepAsync());

        resolution.Digest.Should().Be("sha256:1");
        var file = resolution.Files.Should().ContainSingle().Subject;
        (file.Path, file.Size, file.Sha256, file.SupportsRanges).Should().Be(("blobs/a", 3, StagingRun.Hash([1, 2, 3]), false));
        await using var stream = await file.OpenReadAsync();
        var read = new MemoryStream();
        await stream.CopyToAsync(read);
        read.ToArray().Should().Equal(1, 2, 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OpenRead_WasReplacedOrDeleted_SaysSo(bool isReplaced)
    {
        var file = KeptFile.Resolve(_store, await KeepAsync()).Files[0];
        await (isReplaced ? _store.WriteAsync("ollama/v/blobs/a", new MemoryStream([1, 2, 3])) : _store.DeleteAsync("ollama/v/blobs/a"));

        (await file.Invoking(f => f.OpenReadAsync()).Should().ThrowAsync<ModelCacheException>())
            .WithMessage("memory/ollama/v/blobs/a was replaced while it was copied; run the sync again.");
    }

    private async Task<ManifestVersion> KeepAsync()
    {
        var written = await _store.WriteAsync("ollama/v/blobs/a", new MemoryStream([1, 2, 3]));
        return new ManifestVersion
        {
            Version = "v",
            Path = "ollama/v",
            Source = new ManifestSource { Uri = "test://demo", Digest = "sha256:1" },
            Files =
            [
                new ManifestFile { Path = "blobs/a", Size = 3, Sha256 = StagingRun.Hash([1, 2, 3]), Generation = written.Generation },
                new ManifestFile { Path = VersionFiles.Checksums },
                new ManifestFile { Path = VersionFiles.Done },
            ],
        };
    }
}
