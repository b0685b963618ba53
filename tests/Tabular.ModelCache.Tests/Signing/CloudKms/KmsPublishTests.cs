using Microsoft.Extensions.DependencyInjection;
using Tabular.ModelCache.Commands;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing.CloudKms;

public sealed class KmsPublishTests : KmsFixture
{
    private readonly InMemoryObjectStore _store = new();
    private readonly TestSource _source = new(("blobs/a", "first"), ("manifests/m", "refers to it"));

    public static TheoryData<string> Faults => [.. KmsFault.All.Select(f => f.Name)];

    [Theory]
    [InlineData("EC_SIGN_P256_SHA256")]
    [InlineData("EC_SIGN_P384_SHA384")]
    public async Task Publish_KmsKey_IsVerifiedByInstancesThatTrustTheExportedKey(string algorithm)
    {
        const string Other = "projects/tabular/locations/global/keyRings/models/cryptoKeys/other/cryptoKeyVersions/12";
        var exported = Server.AddKeyVersion(Other, algorithm);
        await using var publisher = new TestCache(
            _store, _source, null, ("ModelCache:Signing:KmsKey", Other), ("ModelCache:Signing:KmsEndpoint", $"{Server.Endpoint}"));

        var version = (await publisher.PublishAsync()).Version;

        var bundle = await _store.ReadAllAsync($"{version.Path}/model.sig", ModelBundle.MostBytes, Token);
        ModelBundle.Verify(bundle!.Bytes, new VerificationKeys([VerificationKey.Parse(exported, "test")]), "model.sig").Resources.Should().HaveCount(4);
        await using var reader = new TestCache(
            _store, _source, null, ("ModelCache:Signing:TrustedKeys:0", exported), ("ModelCache:Verification", "Content"));
        (await reader.StartAndGetAsync()).Version.Should().Be(version.Version);
        Server.GetRequests().Select(r => r.Operation).Should().Equal("getPublicKey", "asymmetricSign", "asymmetricSign");
    }

    [Fact]
    public async Task Publish_KeyThatIsNotAmongTheTrusted_IsTrustedAsAKeyInAFileIs()
    {
        await using var first = Publisher(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));
        await first.PublishAsync();
        _source.Set(("blobs/b", "second"), ("manifests/m", "refers to that"));
        await using var second = Publisher(("ModelCache:Signing:TrustedKeys:0", Vectors.PublicKey));

        (await second.PublishAsync()).Action.Should().Be(PublishAction.Published);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Publish_KmsFails_SaysWhyInOneLineAndPublishesNothing(string name)
    {
        var fault = KmsFault.All.Single(f => f.Name == name);
        await using (var first = Publisher())
        {
            await first.PublishAsync();
        }

        var before = await ReadPublishedAsync();
        _source.Set(("blobs/b", "second"), ("manifests/m", "refers to that"));
        await using var second = Publisher(("ModelCache:Signing:TrustedKeys:0", PublicKey));
        Server.GetRequests(clear: true);
        Fault = request => request.Operation == fault.Operation ? fault.Fault : null;

        var publish = () => second.PublishAsync();

        var message = (await publish.Should().ThrowAsync<ModelCacheException>()).Which.Message;
        message.Should().StartWith($"{Key}: cloudkms.{fault.Operation} ").And.ContainAll(fault.Messages).And.NotContain("\n");
        (await ReadPublishedAsync()).Should().BeEquivalentTo(before);
        Count(fault.Operation).Should().Be(fault.Attempts);
        Fault = _ => null;
        (await second.PublishAsync()).Action.Should().Be(PublishAction.Published, "what failed is not remembered");
    }

    [Theory]
    [InlineData("disabled", "the key version is not ready for use (400 FAILED_PRECONDITION: ", "gcloud kms keys versions enable 1 --key=publisher --keyring=models")]
    [InlineData("missing", "found no such key version (404 NOT_FOUND: ", "Correct ModelCache:Signing:KmsKey.")]
    public async Task Publish_KeyVersionThatCannotBeUsed_SaysWhatToDoAndPublishesNothing(string state, params string[] expected)
    {
        var key = state == "missing" ? Key[..^1] + "9" : Key;
        if (state == "disabled")
        {
            Server.DisableKeyVersion(Key);
        }

        await using var publisher = new TestCache(
            _store, _source, null, ("ModelCache:Signing:KmsKey", key), ("ModelCache:Signing:KmsEndpoint", $"{Server.Endpoint}"));
        var publish = () => publisher.PublishAsync();

        (await publish.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should().StartWith(key).And.ContainAll(expected).And.NotContain("\n");
        (await ReadPublishedAsync()).Should().BeEmpty();
        Server.GetRequests().Should().ContainSingle("neither is mended by trying again");
    }

    [Fact]
    public async Task Publish_AnswersThatFailOnce_AreAskedForAgain()
    {
        Script("asymmetricSign", KeyManagementFault.Error(503, "UNAVAILABLE"), new KeyManagementFault { Change = a => a["signatureCrc32c"] = "1" });
        await using var publisher = Publisher();

        (await publisher.PublishAsync()).Action.Should().Be(PublishAction.Published);

        Count("asymmetricSign").Should().Be(2 + 2);
    }

    [Fact]
    public async Task Start_SignedHitOfATrustedKey_AsksKmsNothing()
    {
        await using (var first = Publisher())
        {
            await first.PublishAsync();
        }

        Server.GetRequests(clear: true);
        Fault = _ => KeyManagementFault.Error(503, "UNAVAILABLE");
        await using var instance = Publisher(("ModelCache:Signing:TrustedKeys:0", PublicKey));

        (await instance.StartAndGetAsync()).Should().NotBeNull();

        Server.GetRequests().Should().BeEmpty("a hit must not depend on a service that it does not need");
    }

    [Fact]
    public async Task SignCommand_KmsKey_WritesABundleThatTheExportedKeyVerifies()
    {
        var folder = Directory.CreateTempSubdirectory("kms-");
        try
        {
            var bundle = Path.Join(folder.FullName, "model.sig");
            await File.WriteAllTextAsync(Path.Join(folder.FullName, "weights.bin"), "content", Token);
            using var output = new StringWriter();
            using var error = new StringWriter();
            var command = new ModelCacheCommand(() => throw new InvalidOperationException(), () => throw new InvalidOperationException(), output, error, TimeProvider.System);

            (await command.RunAsync(["sign", "--out", bundle, folder.FullName], Token)).Should().Be(ModelCacheExitCodes.Usage);
            (await command.RunAsync(["sign", "--kms-key", "publisher", "--out", bundle, folder.FullName], Token)).Should().Be(ModelCacheExitCodes.Failed);
            (await command.RunAsync(["sign", "--kms-key", Key, "--kms-endpoint", $"{Server.Endpoint}", "--out", bundle, folder.FullName], Token)).Should().Be(0);

            error.ToString().Should().Contain("either --key").And.Contain("--kms-key is 'publisher'; expected is projects/PROJECT/");
            var statement = ModelBundle.Verify(
                await File.ReadAllBytesAsync(bundle, Token), new VerificationKeys([VerificationKey.Parse(PublicKey, "test")]), bundle);
            statement.Resources.Should().ContainSingle();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private TestCache Publisher(params (string Key, string Value)[] settings) => new(
        _store, _source, builder => builder.Services.AddSingleton(_ => Connect()), [("ModelCache:Signing:KmsKey", Key), .. settings]);

    /// <summary>The manifest and all signatures of manifests.</summary>
    private async Task<Dictionary<string, byte[]>> ReadPublishedAsync() => (await _store.ReadAllAsync())
        .Where(o => o.Key == VersionFiles.Manifest || o.Key.StartsWith(ManifestTrust.Folder, StringComparison.Ordinal))
        .ToDictionary(o => o.Key, o => o.Value);
}
