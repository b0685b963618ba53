using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>Signing is turned on, a key is rotated and revoked, a version is rolled back: instances hit all the time.</summary>
public sealed class SigningRotationTests
{
    private static readonly (string, string) OldTrusted = ("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey);

    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("blobs/b", "second"), ("manifests/m", "refers to both"));
    private readonly TestKey _new = TestKey.Create();

    [Fact]
    public async Task Sync_TurnedOnWithPolicyOff_SignsManifestAndVersionWithoutAPull()
    {
        var unsigned = await PublishAsync();
        var before = await ReadFolderAsync(unsigned.Version);
        await FluentActions.Awaiting(() => PublishAsync(Private(Vectors.PrivateKey))).Should().ThrowAsync<ModelCacheException>()
            .WithMessage("*is not signed*ModelCache:Signing:Policy=Off*");

        var signed = await PublishAsync(Private(Vectors.PrivateKey), ("ModelCache:Signing:Policy", "Off"), ("ModelCache:Retention:GracePeriod", "7.00:00:00"));

        signed.Action.Should().Be(PublishAction.Healed);
        signed.BytesPulled.Should().Be(0);
        signed.Version.Checksums.Should().Be(unsigned.Version.Checksums);
        signed.Version.Version.Should().NotBe(unsigned.Version.Version);
        (await ReadFolderAsync(unsigned.Version)).Should().Equal(before, "a folder never changes once it is done");
        await ShouldHitAsync(signed.Version, OldTrusted);
        (await PublishAsync(Private(Vectors.PrivateKey))).Action.Should().Be(PublishAction.Unchanged);
    }

    [Fact]
    public async Task Sync_KeyRotatedAndOldOneRemoved_EveryInstanceHitsInEveryPhase()
    {
        var (both, onlyNew) = (new[] { OldTrusted, _new.Trusted(1) }, _new.Trusted(0));
        var first = await PublishAsync(Private(Vectors.PrivateKey));
        await ShouldHitAsync(first.Version, OldTrusted);
        await ShouldHitAsync(first.Version, both);
        var sequence = await ReadSequenceAsync();

        // The new key signs the manifest, by a flip that changes nothing else; the version keeps its signature by the old one.
        (await PublishAsync(Private(_new.Pem), OldTrusted)).Action.Should().Be(PublishAction.Unchanged);
        (await ReadSequenceAsync()).Should().Be(sequence + 1);
        await ShouldHitAsync(first.Version, both);
        await ShouldHitAsync(first.Version, onlyNew);
        (await PublishAsync(Private(_new.Pem), OldTrusted)).Action.Should().Be(PublishAction.Unchanged);
        (await ReadSequenceAsync()).Should().Be(sequence + 1, "it is signed by then");

        // The old key is trusted no more: its version is published again, copied on the server.
        var last = await PublishAsync(Private(_new.Pem));
        last.Action.Should().Be(PublishAction.Healed);
        last.BytesPulled.Should().Be(0);
        await ShouldHitAsync(last.Version, both);
        await ShouldHitAsync(last.Version, onlyNew);
        var bundle = (await _store.ReadAllAsync($"{last.Version.Path}/model.sig", ModelBundle.MostBytes, default))!.Bytes;
        ModelBundle.Verify(bundle, new VerificationKeys([_new.Public]), "model.sig").Resources.Should().HaveCount(5);
        await using var behind = New(OldTrusted);
        await FluentActions.Awaiting(behind.ReadManifestAsync).Should().ThrowAsync<ModelCacheException>().WithMessage("*not trusted*");
    }

    [Fact]
    public async Task Sync_RotatedWithoutTrustInTheOldKey_RefusesToSignWhatItCannotTrust()
    {
        await PublishAsync(Private(Vectors.PrivateKey));

        var sync = () => PublishAsync(Private(_new.Pem));

        await sync.Should().ThrowAsync<ModelCacheException>().WithMessage("*not trusted*");
    }

    [Fact]
    public async Task Sync_RolledBackVersionOfARevokedKey_IsSignedWithoutItsSource()
    {
        var good = (await PublishAsync(Private(Vectors.PrivateKey))).Version;
        _source.Set(("blobs/a", "bad"));
        await PublishAsync(Private(Vectors.PrivateKey));
        await RollBackAsync();
        await PublishAsync(Private(_new.Pem), OldTrusted);

        var signed = await PublishAsync(Private(_new.Pem));

        signed.Action.Should().Be(PublishAction.Healed);
        signed.Version.Source.Digest.Should().Be(good.Source.Digest);
        await ShouldHitAsync(signed.Version, _new.Trusted(0));
    }

    [Fact]
    public async Task RollBack_Signed_IsHitAndHasAHigherSequence()
    {
        var good = (await PublishAsync(Private(Vectors.PrivateKey))).Version;
        _source.Set(("blobs/a", "bad"));
        await PublishAsync(Private(Vectors.PrivateKey));
        var sequence = await ReadSequenceAsync();

        await RollBackAsync();

        await ShouldHitAsync(good, OldTrusted, ("ModelCache:Signing:MinimumSequence", (sequence + 1).ToString(CultureInfo.InvariantCulture)));
    }

    private static (string, string) Private(string pem) => ("ModelCache:Signing:PrivateKey", pem);

    private async Task RollBackAsync()
    {
        await using var cache = New(Private(Vectors.PrivateKey));
        await cache.Services.GetRequiredService<IModelCacheOperations>().RollBackAsync(TestCache.Model);
    }

    private async Task<PublishResult> PublishAsync(params (string Key, string Value)[] settings)
    {
        await using var cache = New(settings);
        return await cache.PublishAsync();
    }

    private async Task ShouldHitAsync(ManifestVersion version, params (string Key, string Value)[] settings)
    {
        await using var cache = New([.. settings, ("ModelCache:Verification", "Content")]);
        var model = await cache.StartAndGetAsync();
        (model.CacheHit, model.Version).Should().Be((true, version.Version));
    }

    private async Task<long> ReadSequenceAsync() => (await new ManifestStore(_store).ReadAsync(default)).Manifest.Sequence;

    private async Task<Dictionary<string, long>> ReadFolderAsync(ManifestVersion version)
    {
        var found = new Dictionary<string, long>();
        await foreach (var item in _store.ListAsync(version.Path + "/"))
        {
            found[item.Name] = item.Generation;
        }

        return found;
    }

    private TestCache New(params (string Key, string Value)[] settings) => new(_store, _source, null, settings);
}
