namespace Tabular.ModelCache.Signing;

/// <summary>Signs manifests and published versions, with a private key that never leaves it.</summary>
/// <remarks>
/// Whatever the size of a model, only a digest is signed. An implementation may be a key in memory, a key management service or a token;
/// every signature is verified with <see cref="GetPublicKeyAsync"/> before it is published.
/// </remarks>
public interface IModelSigner
{
    /// <summary>Gets the public half of the key.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The SubjectPublicKeyInfo in PEM form; an elliptic curve key on P-256 (P-384 and P-521 work too).</returns>
    /// <exception cref="ModelCacheException">The key cannot be had; the message says why in one line.</exception>
    ValueTask<string> GetPublicKeyAsync(CancellationToken cancellationToken = default);

    /// <summary>Signs a digest.</summary>
    /// <param name="digest">SHA-256 for a key on P-256 (32 bytes), SHA-384 for P-384, SHA-512 for P-521.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The ECDSA signature as ASN.1 DER: SEQUENCE of r and s (RFC 3279, section 2.2.3).</returns>
    /// <exception cref="ModelCacheException">The digest could not be signed; the message says why in one line.</exception>
    ValueTask<byte[]> SignDigestAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken = default);
}
