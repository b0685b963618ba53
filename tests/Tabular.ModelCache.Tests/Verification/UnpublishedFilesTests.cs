using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Verification;

public sealed class UnpublishedFilesTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "content"), ("manifests/m", "refers to it"));

    [Theory]
    [InlineData(VerificationLevel.Marker, false)]
    [InlineData(VerificationLevel.Metadata, true)]
    [InlineData(VerificationLevel.Content, true)]
    public async Task Start_FileThatWasNotPublished_IsRefusedByTheLevelsThatLook(VerificationLevel level, bool isRefused)
    {
        await using var cache = New(level);
        var folder = (await cache.PublishAsync()).Version.Path;
        await WriteAsync($"{folder}/blobs/more");

        var start = cache.StartAndGetAsync;

        if (isRefused)
        {
            (await start.Should().ThrowAsync<ModelCacheException>()).WithMessage($"The file {folder}/blobs/more was not published: expected the 4 files *");
        }
        else
        {
            await start.Should().NotThrowAsync();
        }
    }

    [Theory]
    [InlineData(VerificationLevel.Metadata)]
    [InlineData(VerificationLevel.Content)]
    public async Task Start_FolderObjectsAndASignatureOfLater_AreNoFilesOfTheModel(VerificationLevel level)
    {
        await using var cache = New(level);
        var folder = (await cache.PublishAsync()).Version.Path;
        foreach (var name in new[] { "", "blobs/", "model.sig" })
        {
            await WriteAsync($"{folder}/{name}");
        }

        await cache.Invoking(c => c.StartAndGetAsync()).Should().NotThrowAsync();
    }

    private Task<StoredObject> WriteAsync(string name) => _store.WriteBytesAsync(name, [], new ObjectWriteOptions(), default);

    private TestCache New(VerificationLevel level) => new(
        _store, _source, null, ("ModelCache:Verification", level.ToString()), ("ModelCache:FailureBehavior", "StayUnready"));
}
