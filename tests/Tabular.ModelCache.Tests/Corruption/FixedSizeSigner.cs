using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Tests.Corruption;

/// <summary>
/// Signs so that every signature is as long as any other in base64: ECDSA signatures in DER have 70 to 72 bytes, and one in a hundred has
/// less. With it the sizes of all documents, and so what a seed does to them, are the same in every run.
/// </summary>
internal sealed class FixedSizeSigner(string pem) : IModelSigner, IDisposable
{
    private const int LeastBytes = 70;
    private const int MostTries = 100;

    private readonly PemModelSigner _inner = PemModelSigner.Parse(pem, "test");

    public ValueTask<string> GetPublicKeyAsync(CancellationToken cancellationToken = default) => _inner.GetPublicKeyAsync(cancellationToken);

    public async ValueTask<byte[]> SignDigestAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < MostTries; i++)
        {
            var signature = await _inner.SignDigestAsync(digest, cancellationToken);
            if (signature.Length >= LeastBytes)
            {
                return signature;
            }
        }

        throw new InvalidOperationException($"No signature of at least {LeastBytes} bytes in {MostTries} tries.");
    }

    public void Dispose() => _inner.Dispose();
}
