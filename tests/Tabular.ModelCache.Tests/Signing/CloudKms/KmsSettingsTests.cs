using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Signing.CloudKms;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing.CloudKms;

public sealed class KmsSettingsTests
{
    private const string Key = "projects/example.com:p-1/locations/global/keyRings/R_1/cryptoKeys/k/cryptoKeyVersions/10";

    [Theory]
    [InlineData("k")]
    [InlineData("projects/p/locations/global/keyRings/r/cryptoKeys/k")]
    [InlineData("projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/0")]
    [InlineData("projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1/")]
    [InlineData("projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1\n")]
    [InlineData("projects/p/locations/global/keyRings/../cryptoKeys/k/cryptoKeyVersions/1")]
    [InlineData("projects/p/locations/global/keyRings/r/cryptoKeys/k?x=/cryptoKeyVersions/1")]
    [InlineData("//cloudkms.googleapis.com/projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1")]
    public void Validate_NameThatIsNoKeyVersion_SaysWhatOneIs(string name) =>
        Fail(("ModelCache:Signing:KmsKey", name)).Should().StartWith("ModelCache:Signing:KmsKey is '").And.EndWith($"; expected is {KmsKeyName.Form}.");

    [Theory]
    [InlineData("http://kms.example.com")]
    [InlineData("cloudkms.googleapis.com")]
    [InlineData("https://cloudkms.googleapis.com/v1")]
    [InlineData("https://user@cloudkms.googleapis.com")]
    public void Validate_EndpointThatIsNoHost_SaysWhatOneIs(string endpoint) =>
        Fail(("ModelCache:Signing:KmsKey", Key), ("ModelCache:Signing:KmsEndpoint", endpoint)).Should()
            .StartWith($"ModelCache:Signing:KmsEndpoint is '{endpoint}'; expected is an address such as https://cloudkms.googleapis.com");

    [Fact]
    public void Validate_KeyInAFileBesides_IsRefused() =>
        Fail(("ModelCache:Signing:KmsKey", Key), ("ModelCache:Signing:PrivateKey", Vectors.PrivateKey)).Should()
            .Be("ModelCache:Signing:PrivateKey and ModelCache:Signing:KmsKey are set; allowed is one signer, so remove the others.");

    [Theory]
    [InlineData("KmsKey", Key)]
    [InlineData("PrivateKey", "/run/secrets/signing.pem")]
    public void Validate_SignerOfTheAppBesides_IsRefused(string setting, string value)
    {
        using var signer = PemModelSigner.Parse(Vectors.PrivateKey, "test");

        var failures = Failures(builder => builder.AddModelCache().UseSigner(_ => signer), ($"ModelCache:Signing:{setting}", value));

        failures.Should().Contain($"ModelCache:Signing:{setting} and UseSigner are set; allowed is one signer, so remove the others.");
    }

    [Theory]
    [InlineData(null, "https://cloudkms.googleapis.com/", false)]
    [InlineData("https://cloudkms.europe-west3.rep.googleapis.com", "https://cloudkms.europe-west3.rep.googleapis.com/", false)]
    [InlineData("https://localhost:8443", "https://localhost:8443/", false)]
    [InlineData("http://127.0.0.1:9000/", "http://127.0.0.1:9000/", true)]
    public void ParseEndpoint_Address_GoesWithoutACredentialOnlyOverHttpOnThisMachine(string? value, string expected, bool isLocal)
    {
        var endpoint = KmsEndpoint.Parse(value);

        endpoint.BaseUri.AbsoluteUri.Should().Be(expected);
        new KmsOptions { Setting = "", Endpoint = endpoint }.IsAnonymous.Should().Be(isLocal);
    }

    [Fact]
    public async Task Validate_KmsKeyAlone_IsEnoughForRequire()
    {
        await using var cache = new TestCache(
            new InMemoryObjectStore(), new TestSource(), null, ("ModelCache:Signing:KmsKey", Key), ("ModelCache:Signing:Policy", "Require"));

        cache.Wanted.Name.Should().Be(TestCache.Model);
    }

    private static string Fail(params (string Key, string Value)[] settings) => Failures(_ => { }, settings).Should().ContainSingle().Which;

    private static IEnumerable<string> Failures(Action<IServiceCollection> configure, params (string Key, string Value)[] settings)
    {
        var cache = new TestCache(new InMemoryObjectStore(), new TestSource(), builder => configure(builder.Services), settings);
        var read = () => cache.Wanted;
        return read.Should().Throw<OptionsValidationException>().Which.Failures;
    }
}
