using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Startup;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>Which manifests an instance believes, by its settings.</summary>
public sealed class TrustTests : IDisposable
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("manifests/m", "refers to it"));
    private readonly string _folder = Directory.CreateTempSubdirectory("keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_FolderOfTrustedKeys_TakesThemAll()
    {
        await PublishAsync();
        await File.WriteAllTextAsync(Path.Join(_folder, "new.pem"), TestKey.Create().Public.Pem);
        await File.WriteAllTextAsync(Path.Join(_folder, "old.pem"), Vectors.PublicKey);
        await File.WriteAllTextAsync(Path.Join(_folder, "README"), "no key");

        await using var cache = New(("ModelCache:Signing:TrustedKeys:0", _folder));

        (await cache.StartAndGetAsync()).CacheHit.Should().BeTrue();
    }

    [Fact]
    public async Task Start_PolicyOff_ServesWhatNobodySigned()
    {
        await PublishAsync();
        await _store.DeleteAsync(await SignatureNameAsync());

        await using var cache = New(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey), ("ModelCache:Signing:Policy", "Off"));

        (await cache.StartAndGetAsync()).CacheHit.Should().BeTrue();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("0000", "is signed by key 0000, which is not trusted")]
    [InlineData("other", "is not right for its content")]
    public async Task Read_HintOfTheSignature_OnlyChoosesAmongTrustedKeys(string hint, string? expected)
    {
        await PublishAsync();
        var other = TestKey.Create();
        var name = await SignatureNameAsync();
        var envelope = JsonNode.Parse((await _store.ReadAllAsync(name, ManifestTrust.MostBytes, default))!.Bytes)!;
        envelope["signatures"]![0]!["keyid"] = hint == "other" ? other.Public.Hint : hint;
        await _store.WriteBytesAsync(name, Encoding.UTF8.GetBytes(envelope.ToJsonString()), new ObjectWriteOptions(), default);
        await using var cache = New(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey), other.Trusted(1));

        var read = cache.ReadManifestAsync;

        if (expected is null)
        {
            (await read()).Manifest.Sequence.Should().Be(1);
        }
        else
        {
            await read.Should().ThrowAsync<ModelCacheException>().WithMessage($"*{name}*{expected}*");
        }
    }

    [Fact]
    public async Task Start_SharedWithoutBucket_ReadsSignaturesThroughTheMount()
    {
        await PublishAsync();
        await using var cache = NewWithMountAlone(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));

        (await cache.StartAndGetAsync()).CacheHit.Should().BeTrue();

        await _store.DeleteAsync(await SignatureNameAsync());
        await FluentActions.Awaiting(cache.ReadManifestAsync).Should().ThrowAsync<ModelCacheException>().WithMessage("/models/manifest.json is not signed*");
    }

    [Fact]
    public async Task Diagnosis_UntrustedManifestOnTheMount_IsNotBelieved()
    {
        await PublishAsync();
        var shown = new InMemoryObjectStore();
        await using (var other = new TestCache(shown, _source))
        {
            await other.PublishAsync();
        }

        await using var cache = new TestCache(
            _store,
            _source,
            b => b.Services.AddSingleton<IModelMount>(new ScriptedMount(shown)),
            ("ModelCache:SharedVolumeEnabled", "true"),
            ("ModelCache:Bucket", "bucket"),
            ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));

        var cause = await cache.Services.GetRequiredService<MountDiagnosis>().ExplainAsync(isFolder: true, default);

        cause.Should().StartWith("/models/manifest.json is not signed: signatures/");
    }

    private async Task PublishAsync()
    {
        await using var cache = New(("ModelCache:Signing:PrivateKey", Vectors.PrivateKey));
        await cache.PublishAsync();
    }

    private async Task<string> SignatureNameAsync() =>
        ManifestTrust.NameFor((await _store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, default))!.Bytes);

    private TestCache New(params (string Key, string Value)[] settings) => new(_store, _source, null, settings);

    private TestCache NewWithMountAlone(params (string Key, string Value)[] settings) => new(
        _store,
        _source,
        b => b.Services.AddSingleton(sp => new ModelCachePlaces(null, null, ModelCacheServiceCollectionExtensions.CreateTrust(sp))),
        [("ModelCache:SharedVolumeEnabled", "true"), .. settings]);
}
