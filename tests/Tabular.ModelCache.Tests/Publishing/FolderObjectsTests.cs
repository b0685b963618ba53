using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class FolderObjectsTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "one"), ("manifests/h/n/m/t", "two"));

    [Fact]
    public async Task Publish_WithFolderObjects_WritesOnePerFolderAndPrunesThemWithTheVersion()
    {
        await using var cache = Create(("ModelCache:Retention:Keep", "1"), ("ModelCache:Mount:WriteFolderObjects", "true"));
        var version = (await cache.PublishAsync()).Version;

        (await ListFoldersAsync()).Should().Equal(
            "ollama/",
            $"{version.Path}/",
            $"{version.Path}/blobs/",
            $"{version.Path}/manifests/",
            $"{version.Path}/manifests/h/",
            $"{version.Path}/manifests/h/n/",
            $"{version.Path}/manifests/h/n/m/");
        (await cache.StartAndGetAsync()).CacheHit.Should().BeTrue();

        _source.Set(("blobs/a", "three"));
        var next = (await cache.PublishAsync()).Version;

        // The first deletes the files; the version leaves the manifest with the one after.
        (await ListFoldersAsync()).Should().Equal("ollama/", $"{next.Path}/", $"{next.Path}/blobs/");
    }

    [Fact]
    public async Task Publish_ByDefault_WritesNone()
    {
        await using var cache = Create();

        await cache.PublishAsync();

        (await ListFoldersAsync()).Should().BeEmpty();
    }

    private TestCache Create(params (string Key, string Value)[] settings) =>
        new(_store, _source, null, [("ModelCache:SharedVolumeEnabled", "true"), ("ModelCache:Bucket", "bucket"), .. settings]);

    private async Task<List<string>> ListFoldersAsync()
    {
        var names = new List<string>();
        await foreach (var item in _store.ListAsync("", TestContext.Current.CancellationToken))
        {
            if (item.Name.EndsWith('/'))
            {
                names.Add(item.Name);
            }
        }

        return names;
    }
}
