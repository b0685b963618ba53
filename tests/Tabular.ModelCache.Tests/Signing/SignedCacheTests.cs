using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing;

public sealed class SignedCacheTests
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("manifests/m", "refers to it"));

    [Fact]
    public async Task Publish_WithKey_WritesBundleAndSignatureThatTrustedKeysVerify()
    {
        await using var publisher = New(("ModelCache:Signing:PrivateKey", Vectors.PrivateKey));
        var version = (await publisher.PublishAsync()).Version;

        version.Files.Select(f => f.Path).Should().Equal("blobs/a", "manifests/m", "SHA256SUMS", ".done", "model.sig");
        var bundle = await _store.ReadAllAsync($"{version.Path}/model.sig", ModelBundle.MostBytes, default);
        var statement = ModelBundle.Verify(bundle!.Bytes, new VerificationKeys([VerificationKey.Parse(Vectors.PublicKey, "test")]), "model.sig");
        statement.Resources.Select(r => r.Name).Should().Equal(".done", "SHA256SUMS", "blobs/a", "manifests/m");
        statement.Annotations["version"].Should().Be(version.Version);
        await using var reader = New(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey), ("ModelCache:Verification", "Content"));
        (await reader.StartAndGetAsync()).Version.Should().Be(version.Version);
    }

    [Theory]
    [InlineData("Marker")]
    [InlineData("Metadata")]
    [InlineData("Content")]
    public async Task Start_SignedHitOfTwoModels_CostsOneRequestMore(string level)
    {
        (string, string)[] two =
        [
            ("ModelCache:Models:1:Name", "other"), ("ModelCache:Models:1:Kind", ModelKinds.Sbert), ("ModelCache:Models:1:Source", "test://other"),
            ("ModelCache:Verification", level),
        ];
        await using var publisher = New([.. two, ("ModelCache:Signing:PrivateKey", Vectors.PrivateKey)]);
        await publisher.StartAndGetAsync();
        var signed = await CountAsync([.. two, ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey)]);
        var unsigned = await CountAsync(two);

        (signed - unsigned).Should().Be(1, "the manifest's signature covers all models");

        async Task<int> CountAsync((string Key, string Value)[] settings)
        {
            var log = new FaultInjectingObjectStore(_store);
            await using var cache = new TestCache(log, _source, null, settings);
            (await cache.StartAndGetAsync()).Should().NotBeNull();
            (await cache.Cache.GetModelAsync("other")).Should().NotBeNull();
            cache.Cache.Status.CacheHit.Should().BeTrue();
            return log.GetSnapshot().Count;
        }
    }

    [Theory]
    [InlineData("stripped", "is missing")]
    [InlineData("other key", "not trusted")]
    [InlineData("altered", "is not signed")]
    public async Task Read_ManifestThatNoTrustedKeySigned_IsRefused(string attack, string expected)
    {
        var key = attack == "other key" ? TestKey.Create().Pem : Vectors.PrivateKey;
        await using var publisher = New(("ModelCache:Signing:PrivateKey", key));
        await publisher.PublishAsync();
        var manifest = (await _store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, default))!;
        if (attack == "stripped")
        {
            await _store.DeleteAsync(ManifestTrust.NameFor(manifest.Bytes));
        }
        else if (attack == "altered")
        {
            await _store.WriteBytesAsync(VersionFiles.Manifest, [.. manifest.Bytes, (byte)' '], new ObjectWriteOptions(), default);
        }

        await using var reader = New(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));
        var read = () => reader.ReadManifestAsync();

        (await read.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should().Contain("manifest.json").And.Contain(expected);
        var publish = () => reader.PublishAsync();
        await publish.Should().ThrowAsync<ModelCacheException>("a publisher must not sign what it cannot trust");
    }

    [Fact]
    public async Task Read_OlderManifestPutBack_IsRefusedBelowTheMinimumSequence()
    {
        await using var publisher = New(("ModelCache:Signing:PrivateKey", Vectors.PrivateKey));
        await publisher.PublishAsync();
        var older = (await _store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, default))!.Bytes;
        _source.Set(("blobs/b", "second"), ("manifests/m", "refers to that"));
        await publisher.PublishAsync();
        var newest = (await publisher.ReadManifestAsync()).Manifest.Sequence;
        await _store.WriteBytesAsync(VersionFiles.Manifest, older, new ObjectWriteOptions(), default);
        await using var reader = New(
            ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey),
            ("ModelCache:Signing:MinimumSequence", newest.ToString(System.Globalization.CultureInfo.InvariantCulture)));

        var read = () => reader.ReadManifestAsync();

        (await read.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should().Contain("MinimumSequence");
    }

    [Fact]
    public async Task Publish_NewKeyBesideTheOld_RotatesWithoutABreak()
    {
        await using var first = New(("ModelCache:Signing:PrivateKey", Vectors.PrivateKey));
        await first.PublishAsync();
        _source.Set(("blobs/b", "second"), ("manifests/m", "refers to that"));
        await using var second = New(("ModelCache:Signing:PrivateKey", TestKey.Create().Pem), ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));

        (await second.PublishAsync()).Action.Should().Be(PublishAction.Published);

        (await second.ReadManifestAsync()).Entry(TestCache.Model)!.Versions.Should().HaveCount(2);
    }

    [Fact]
    public async Task Start_RequireWithoutKey_SaysWhichSettingIsMissing()
    {
        await using var cache = New(("ModelCache:Signing:Policy", "Require"));

        var read = () => cache.Wanted;

        read.Should().Throw<Microsoft.Extensions.Options.OptionsValidationException>().Which.Message.Should().Contain("ModelCache:Signing:TrustedKeys:0");
    }

    private TestCache New(params (string Key, string Value)[] settings) => new(_store, _source, null, settings);
}
