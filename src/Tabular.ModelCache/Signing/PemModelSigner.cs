using System.Security.Cryptography;

namespace Tabular.ModelCache.Signing;

/// <summary>Signs with a private key in PEM form, held in memory.</summary>
internal sealed class PemModelSigner : IModelSigner, IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();
    private readonly VerificationKey _public;

    private PemModelSigner(ECDsa key, VerificationKey publicKey)
    {
        _key = key;
        _public = publicKey;
    }

    /// <exception cref="FormatException">The text is not one private key on an allowed curve; the message is to be read after the origin.</exception>
    public static PemModelSigner Parse(string pem, string origin)
    {
        if (pem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new FormatException("is encrypted; expected is a private key without a password, kept as a secret of the deployment");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            if (key.ExportParameters(includePrivateParameters: true).D is not { } secret)
            {
                throw new FormatException("is a public key; expected is the private key (-----BEGIN PRIVATE KEY-----)");
            }

            CryptographicOperations.ZeroMemory(secret);
            return new PemModelSigner(key, VerificationKey.From(key, origin));
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FormatException($"is not one private key in PEM form; expected is {SigningCurve.Allowed}", e);
        }
        catch (FormatException)
        {
            key.Dispose();
            throw;
        }
    }

    public ValueTask<string> GetPublicKeyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(_public.Pem);

    public ValueTask<byte[]> SignDigestAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_key.SignHash(digest.Span, DSASignatureFormat.Rfc3279DerSequence));
        }
    }

    public void Dispose() => _key.Dispose();
}
