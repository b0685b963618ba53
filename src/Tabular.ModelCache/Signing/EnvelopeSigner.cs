namespace Tabular.ModelCache.Signing;

/// <summary>Makes signed envelopes, and proves each signature with the public key before anybody sees it.</summary>
internal static class EnvelopeSigner
{
    /// <exception cref="ModelCacheException">The signer failed, or what it made is not a signature by its own key.</exception>
    public static async Task<DsseEnvelope> SignAsync(
        IModelSigner signer, string payloadType, byte[] payload, CancellationToken cancellationToken)
    {
        var key = await GetKeyAsync(signer, cancellationToken).ConfigureAwait(false);
        var encoded = DsseEnvelope.Encode(payloadType, payload);
        var signature = await signer.SignDigestAsync(key.Curve.Digest(encoded), cancellationToken).ConfigureAwait(false);
        return key.Verify(encoded, signature)
            ? new DsseEnvelope(payloadType, payload, [new DsseSignature(signature, key.Hint)])
            : throw new ModelCacheException(
                $"The signature that {signer.GetType().Name} made does not verify with its own public key {key.Hint}; nothing was published. Check the signing key.");
    }

    /// <exception cref="ModelCacheException">The public key cannot be had, or is of a kind that is not allowed.</exception>
    public static async Task<VerificationKey> GetKeyAsync(IModelSigner signer, CancellationToken cancellationToken)
    {
        var pem = await signer.GetPublicKeyAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return VerificationKey.Parse(pem, "the key of the signer");
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"The public key of {signer.GetType().Name} {e.Message}.", e);
        }
    }
}
