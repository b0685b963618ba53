using System.Security.Cryptography;
using Google.Apis.Http;
using Microsoft.Extensions.Time.Testing;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Signing.CloudKms;

public sealed class KmsModelSignerTests : KmsFixture
{
    private readonly byte[] _digest = SHA256.HashData("signed"u8);

    [Fact]
    public async Task SignDigest_Concurrently_ReadsThePublicKeyOnce()
    {
        var signer = Connect();

        var signatures = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => signer.SignDigestAsync(_digest, Token).AsTask()));

        var key = VerificationKey.Parse(PublicKey, "test");
        signatures.Should().OnlyContain(s => key.VerifyDigest(_digest, s)).And.OnlyHaveUniqueItems(s => Convert.ToHexString(s));
        (await signer.GetPublicKeyAsync(Token)).Should().Be(PublicKey);
        Count("getPublicKey").Should().Be(1);
    }

    [Fact]
    public async Task GetPublicKey_PemInAnotherForm_GivesTheFormOfOpenSsl()
    {
        Fault = _ => new KeyManagementFault
        {
            Change = answer =>
            {
                var pem = PublicKey.ReplaceLineEndings("\r\n");
                answer["pem"] = pem;
                answer["pemCrc32c"] = $"{Tabular.ModelCache.Stores.Crc32C.Compute(System.Text.Encoding.ASCII.GetBytes(pem))}";
            },
        };

        (await Connect().GetPublicKeyAsync(Token)).Should().Be(PublicKey, "the hint is computed from it");
    }

    [Fact]
    public async Task SignDigest_DigestOfAnotherLength_IsRefusedByTheServer()
    {
        var sign = () => Connect().SignDigestAsync(new byte[20], Token).AsTask();

        (await sign.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should().Contain("(400 INVALID_ARGUMENT: ").And.Contain("20 bytes");
    }

    [Fact]
    public async Task SignDigest_ServerThatHangs_GivesUpAtTheDeadlineOfEachAttempt()
    {
        var clock = new FakeTimeProvider();
        using var arrived = new SemaphoreSlim(0);
        var signer = Connect(options => options with { TimeProvider = clock, MaximumAttempts = 2 });
        await signer.GetPublicKeyAsync(Token);
        Fault = _ =>
        {
            arrived.Release();
            return new KeyManagementFault { Stall = true };
        };

        var signing = signer.SignDigestAsync(_digest, Token).AsTask();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            (await arrived.WaitAsync(TimeSpan.FromSeconds(30), Token)).Should().BeTrue();
            clock.Advance(TimeSpan.FromSeconds(9.9));
            signing.IsCompleted.Should().BeFalse();
            clock.Advance(TimeSpan.FromSeconds(0.1));
        }

        var sign = () => signing.WaitAsync(TimeSpan.FromSeconds(30), Token);
        (await sign.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should()
            .Be($"{Key}: cloudkms.asymmetricSign got no answer within 10 s. (2 attempts)");
    }

    [Fact]
    public async Task SignDigest_Cancelled_StopsAtOnce()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Fault = _ =>
        {
            stop.Cancel();
            return new KeyManagementFault { Stall = true };
        };

        var sign = () => Connect().SignDigestAsync(_digest, stop.Token).AsTask();

        (await sign.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(stop.Token);
    }

    [Fact]
    public async Task SignDigest_NobodyListens_SaysThatAfterAFewAttempts()
    {
        var signer = Connect();
        await Server.DisposeAsync();

        var sign = () => signer.SignDigestAsync(_digest, Token).AsTask();

        (await sign.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should()
            .StartWith($"{Key}: cloudkms.getPublicKey got no whole answer: ").And.Contain("Connection refused").And.EndWith("(5 attempts)");
    }

    [Fact]
    public async Task SignDigest_ServerOnThisMachine_IsSentNoCredential()
    {
        var signer = Connect(options => options with { Credential = new LeakedCredential() });

        (await signer.SignDigestAsync(_digest, Token)).Should().NotBeEmpty();
    }

    private sealed class LeakedCredential : IConfigurableHttpClientInitializer
    {
        public void Initialize(ConfigurableHttpClient httpClient) => throw new InvalidOperationException("a credential went out over plain HTTP");
    }
}
