using System.Security.Cryptography;

namespace Tabular.ModelCache.Signing;

/// <summary>The curves of OpenSSF Model Signing v1.0 (section 4.2), each with its hash; all others are refused.</summary>
/// <param name="Name">The name of the curve.</param>
/// <param name="Oid">Its object identifier.</param>
/// <param name="Hash">What the pre-authentication encoding is hashed with.</param>
internal sealed record SigningCurve(string Name, string Oid, HashAlgorithmName Hash)
{
    public const string Allowed = "an elliptic curve key on P-256, P-384 or P-521";

    private static readonly SigningCurve[] All =
    [
        new("P-256", "1.2.840.10045.3.1.7", HashAlgorithmName.SHA256),
        new("P-384", "1.3.132.0.34", HashAlgorithmName.SHA384),
        new("P-521", "1.3.132.0.35", HashAlgorithmName.SHA512),
    ];

    /// <exception cref="CryptographicException">The key cannot be used at all.</exception>
    public static SigningCurve? Of(ECDsa key)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        return curve.IsNamed ? All.FirstOrDefault(c => c.Oid == curve.Oid.Value) : null;
    }

    public byte[] Digest(ReadOnlySpan<byte> bytes) =>
        Hash == HashAlgorithmName.SHA256 ? SHA256.HashData(bytes) :
        Hash == HashAlgorithmName.SHA384 ? SHA384.HashData(bytes) : SHA512.HashData(bytes);
}
