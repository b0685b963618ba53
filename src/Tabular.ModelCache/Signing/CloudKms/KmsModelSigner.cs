using System.Globalization;
using System.Text;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>
/// Signs with a key that never leaves Google Cloud KMS
/// (<see href="https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions/asymmetricSign"/>):
/// 32 or 48 bytes of digest go there, whatever the model's size. Every answer is checked against its checksums, and every signature with
/// the public key.
/// </summary>
internal sealed class KmsModelSigner(KmsKeyName key, KmsOptions options) : IModelSigner, IDisposable
{
    // P-384 takes up to 104 bytes.
    private const int MostSignatureBytes = 256;

    private static readonly KmsCall GetPublicKey = new("cloudkms.getPublicKey", "cloudkms.cryptoKeyVersions.viewPublicKey", "/publicKey");

    private readonly KmsClient _client = new(key, options);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private KmsPublicKey? _public;

    public async ValueTask<string> GetPublicKeyAsync(CancellationToken cancellationToken = default) =>
        (await GetKeyAsync(cancellationToken).ConfigureAwait(false)).Key.Pem;

    public async ValueTask<byte[]> SignDigestAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken = default)
    {
        var publicKey = await GetKeyAsync(cancellationToken).ConfigureAwait(false);
        var call = new KmsCall(
            "cloudkms.asymmetricSign", "cloudkms.cryptoKeyVersions.useToSign", ":asymmetricSign", Describe(publicKey.Algorithm, digest.Span));
        var signature = await _client.CallAsync(call, answer => ReadSignature(answer, call), cancellationToken).ConfigureAwait(false);
        return publicKey.Key.VerifyDigest(digest.Span, signature)
            ? signature
            : throw _client.Errors.Wrong(call, $"gave a signature that does not verify with the public key {publicKey.Key.Hint} of this key version.");
    }

    public void Dispose()
    {
        _client.Dispose();
        _gate.Dispose();
    }

    private static byte[] Describe(KmsAlgorithm algorithm, ReadOnlySpan<byte> digest)
    {
        var text = Convert.ToBase64String(digest);
        var checksum = Checksum(digest);
        return SignedJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("digest");
            writer.WriteString(algorithm.Digest, text);
            writer.WriteEndObject();
            writer.WriteString("digestCrc32c", checksum);
            writer.WriteEndObject();
        });
    }

    private async ValueTask<KmsPublicKey> GetKeyAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _public) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A version's key never changes, so it is read once; a failure is not kept.
            return _public ??= await _client.CallAsync(GetPublicKey, ReadPublicKey, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private KmsPublicKey ReadPublicKey(StrictElement answer)
    {
        ExpectName(answer, GetPublicKey);
        var name = answer.Member("algorithm").Text();
        var algorithm = KmsAlgorithm.Find(name) ?? throw _client.Errors.Wrong(
            GetPublicKey, $"says that the key is for {StrictElement.Printable(name)}; expected is {KmsAlgorithm.Allowed}. Name another key in {options.Setting}.");
        var pem = answer.Member("pem").Text(VerificationKey.MostPemBytes);
        ExpectChecksum(answer.Member("pemCrc32c"), Encoding.UTF8.GetBytes(pem));
        try
        {
            var publicKey = VerificationKey.Parse(pem, key.Text);
            return publicKey.Curve.Name == algorithm.Curve
                ? new KmsPublicKey(algorithm, publicKey)
                : throw new FormatException($"is on {publicKey.Curve.Name}; expected is {algorithm.Curve}");
        }
        catch (FormatException e)
        {
            throw new FormatException($"pem {e.Message}", e);
        }
    }

    private byte[] ReadSignature(StrictElement answer, KmsCall call)
    {
        ExpectName(answer, call);

        // Protocol buffers leave out what is false.
        if (answer.Optional("verifiedDigestCrc32c")?.Flag() != true)
        {
            throw new FormatException("verifiedDigestCrc32c is not true: the digest was damaged on its way");
        }

        var signature = answer.Member("signature").Base64(MostSignatureBytes);
        ExpectChecksum(answer.Member("signatureCrc32c"), signature);
        return signature;
    }

    private void ExpectName(StrictElement answer, KmsCall call)
    {
        var name = answer.Member("name").Text();
        if (name != key.Text)
        {
            throw _client.Errors.Wrong(
                call, $"was answered for '{StrictElement.Printable(name)}'; expected is the key version itself. Write the name in {options.Setting} as Cloud KMS does.");
        }
    }

    private static void ExpectChecksum(StrictElement member, ReadOnlySpan<byte> content)
    {
        // An int64, which travels as a string.
        var found = member.Text();
        var expected = Checksum(content);
        if (found != expected)
        {
            throw new FormatException($"{member.Path} is '{StrictElement.Printable(found)}', but what came has {expected}: it was damaged on its way");
        }
    }

    private static string Checksum(ReadOnlySpan<byte> content) => Crc32C.Compute(content).ToString(CultureInfo.InvariantCulture);
}
