using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Sources;

public sealed class DirectorySourceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("model-source-").FullName;

    [Fact]
    public async Task Resolve_OllamaLayout_PutsManifestsLast()
    {
        Write("manifests/registry.ollama.ai/library/m/latest", "manifest");
        Write("blobs/sha256-x", "blob");
        Write("zzz", "other");

        var resolution = await ResolveAsync("ollama");

        resolution.Files.Select(f => f.Path).Should().Equal("blobs/sha256-x", "zzz", "manifests/registry.ollama.ai/library/m/latest");
        resolution.Files.Should().OnlyContain(f => f.Sha256 != null);
    }

    [Fact]
    public async Task Resolve_SameBytesLaterTouched_HasTheSameDigest()
    {
        Write("blobs/a", "content");
        var first = await ResolveAsync("ollama");
        File.SetLastWriteTimeUtc(Path.Combine(_root, "blobs/a"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        (await ResolveAsync("ollama")).Digest.Should().Be(first.Digest);
        Write("blobs/a", "changed");
        (await ResolveAsync("ollama")).Digest.Should().NotBe(first.Digest);
    }

    [Fact]
    public async Task Resolve_BlobNamedForAnotherDigest_IsRefused()
    {
        Write($"blobs/sha256-{new string('a', 64)}", "content");

        var resolve = () => ResolveAsync("ollama");

        (await resolve.Should().ThrowAsync<ModelCacheException>()).WithMessage("*damaged*blobs/sha256-aaa*");
    }

    [Fact]
    public async Task Resolve_HubCacheWithLinks_BecomesPlainFilesOnce()
    {
        const string Model = "models--org--name";
        Write($"{Model}/blobs/etag", "weights");
        Write($"{Model}/refs/main", "c0ffee");
        Write($"{Model}/.no_exist/c0ffee/x", "");
        Write($"{Model}/trees/c0ffee.json", "{}");
        Write(".locks/x.lock", "");
        Write("CACHEDIR.TAG", "");
        Directory.CreateDirectory(Path.Combine(_root, Model, "snapshots/c0ffee"));
        File.CreateSymbolicLink(Path.Combine(_root, Model, "snapshots/c0ffee/model.bin"), "../../blobs/etag");

        var resolution = await ResolveAsync("sbert");

        resolution.Files.Select(f => f.Path).Should().BeEquivalentTo($"{Model}/refs/main", $"{Model}/snapshots/c0ffee/model.bin");
        resolution.Files.Single(f => f.Path.EndsWith("model.bin", StringComparison.Ordinal)).Size.Should().Be("weights".Length);
    }

    [Fact]
    public async Task Resolve_LinkOutOfTheFolder_IsRefused()
    {
        Write("blobs/a", "content");
        File.CreateSymbolicLink(Path.Combine(_root, "blobs/b"), "/etc/hostname");

        var resolve = () => ResolveAsync("ollama");

        (await resolve.Should().ThrowAsync<ModelCacheException>()).WithMessage("*link 'blobs/b'*");
    }

    [Fact]
    public async Task Resolve_PublishedVersionAsSource_LeavesItsMarkersOut()
    {
        Write("blobs/a", "content");
        Write("SHA256SUMS", "x");
        Write(".done", "x");

        (await ResolveAsync("ollama")).Files.Should().ContainSingle();
    }

    [Fact]
    public async Task Resolve_MissingFolder_NamesIt()
    {
        Directory.Delete(_root);

        var resolve = () => ResolveAsync("ollama");

        (await resolve.Should().ThrowAsync<ModelCacheException>()).WithMessage($"*expected a folder at '{_root}'*");
    }

    [Fact]
    public async Task Resolve_EmptyFolder_IsRefused()
    {
        var resolve = () => ResolveAsync("ollama");

        (await resolve.Should().ThrowAsync<ModelCacheException>()).WithMessage("*has 0 files*");
    }

    [Fact]
    public async Task Resolve_NamesThatDifferInLetterCaseOnly_AreRefused()
    {
        Write("blobs/a", "1");
        Write("blobs/A", "2");

        var resolve = () => ResolveAsync("ollama");

        (await resolve.Should().ThrowAsync<ModelCacheException>()).WithMessage("*twice*");
    }

    public void Dispose()
    {
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    private void Write(string path, string content)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    private async Task<ModelResolution> ResolveAsync(string kind)
    {
        await using var cache = new TestCache(new InMemoryObjectStore(), new TestSource());
        return await cache.Services.GetRequiredService<ModelSources>().ResolveAsync(new ModelSourceRequest("m", kind, $"dir://{_root}"), default);
    }
}
