using System.Security.Cryptography;
using System.Text;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Signing;

/// <summary>A public key that signatures are verified with. It comes from the configuration, never from what it verifies.</summary>
internal sealed class VerificationKey
{
    /// <summary>A P-521 key has 268 characters of PEM; a file may have comments.</summary>
    public const int MostPemBytes = 16 << 10;

    private readonly byte[] _info;

    private VerificationKey(byte[] info, SigningCurve curve, string pem, string origin)
    {
        _info = info;
        Curve = curve;
        Pem = pem;
        Origin = origin;
        Hint = Sha256Hex.Of(Encoding.ASCII.GetBytes(pem));
    }

    /// <summary>The lower-case hex SHA-256 of <see cref="Pem"/>: what <c>sha256sum</c> says of the file that OpenSSL writes.</summary>
    public string Hint { get; }

    /// <summary>The key as OpenSSL writes it: 64 columns, a line feed after each line, the last one included.</summary>
    public string Pem { get; }

    public SigningCurve Curve { get; }

    /// <summary>Where it was configured, for messages.</summary>
    public string Origin { get; }

    /// <exception cref="FormatException">The text is not one public key on an allowed curve; the message is to be read after the origin.</exception>
    public static VerificationKey Parse(string pem, string origin)
    {
        if (pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new FormatException("is a private key; expected is the public key alone (-----BEGIN PUBLIC KEY-----)");
        }

        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new FormatException($"is not one public key in PEM form; expected is {SigningCurve.Allowed}", e);
        }

        return From(key, origin);
    }

    /// <exception cref="FormatException">The key is on another curve.</exception>
    public static VerificationKey From(ECDsa key, string origin)
    {
        try
        {
            var curve = SigningCurve.Of(key) ?? throw new FormatException($"is on another curve; expected is {SigningCurve.Allowed}");
            return new VerificationKey(key.ExportSubjectPublicKeyInfo(), curve, key.ExportSubjectPublicKeyInfoPem() + "\n", origin);
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"cannot be used; expected is {SigningCurve.Allowed}", e);
        }
    }

    /// <summary>Whether a signature over these bytes was made with the private half of this key.</summary>
    public bool Verify(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) => VerifyDigest(Curve.Digest(signed), signature);

    public bool VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        // An instance per call: ECDsa does not promise to be used by several threads at once, and importing takes some microseconds.
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_info, out _);
        try
        {
            return key.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // What is no DER sequence of two numbers is no signature.
            return false;
        }
    }
}
