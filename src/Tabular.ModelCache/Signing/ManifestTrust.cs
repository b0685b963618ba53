using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Signing;

/// <summary>
/// Signs and verifies manifests: <c>signatures/(SHA-256 of the manifest's bytes).sig</c> is an envelope around exactly those bytes. The
/// manifest names every file of every version with its size and SHA-256, so its signature binds them all to model, version and sequence.
/// </summary>
/// <param name="trusted">The keys of the configuration.</param>
/// <param name="signer">The key that signs here; trusted as well.</param>
/// <param name="requires">Whether a manifest must be signed by a trusted key.</param>
/// <param name="minimumSequence">The lowest sequence that is accepted.</param>
/// <param name="settings">The path of the section with these settings, for messages.</param>
internal sealed class ManifestTrust(
    IReadOnlyList<VerificationKey> trusted, IModelSigner? signer, bool requires, long minimumSequence, string settings)
{
    public const string Folder = "signatures/";

    /// <summary>The largest manifest in base64, and some.</summary>
    public const int MostBytes = (ManifestJson.MaxBytes / 3 * 4) + (64 << 10);

    public const string PayloadType = "application/vnd.tabular.model-cache.manifest+json";

    private readonly VerificationKeys _configured = new(trusted);
    private VerificationKeys? _all;

    /// <summary>How long the signature of a replaced manifest stays: longer than any reader, or mount, can still have that manifest.</summary>
    public static TimeSpan KeptFor { get; } = TimeSpan.FromDays(1);

    public IModelSigner? Signer => signer;

    public static string NameFor(ReadOnlySpan<byte> manifest) => $"{Folder}{Sha256Hex.Of(manifest)}.sig";

    /// <exception cref="ModelCacheException">The signer failed.</exception>
    public static async Task<byte[]> SignAsync(IModelSigner signer, byte[] manifest, CancellationToken cancellationToken)
    {
        var envelope = await EnvelopeSigner.SignAsync(signer, PayloadType, manifest, cancellationToken).ConfigureAwait(false);
        return SignedJson.Write(envelope.Write);
    }

    /// <summary>Verifies the bytes of a manifest, and only then parses them.</summary>
    /// <param name="manifest">The bytes; <see langword="null"/> when there is no manifest.</param>
    /// <param name="displayName">The manifest's name, for messages.</param>
    /// <param name="readSignature">Reads an object by its name; <see langword="null"/> when there is none.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ModelCacheException">No trusted key has signed it, it is older than allowed, or it is not a manifest.</exception>
    public async Task<Manifest> OpenAsync(
        byte[]? manifest, string displayName, Func<string, CancellationToken, Task<byte[]?>> readSignature, CancellationToken cancellationToken)
    {
        if (manifest is not null && requires)
        {
            var name = NameFor(manifest);
            var signature = await readSignature(name, cancellationToken).ConfigureAwait(false) ?? throw new ModelCacheException(
                $"{displayName} is not signed: {name} is missing; publish again with a signing key, or set {settings}:Policy to {SigningPolicy.Off}.");
            await VerifyAsync(manifest, signature, displayName, name, cancellationToken).ConfigureAwait(false);
        }

        var parsed = manifest is null ? new Manifest() : ManifestJson.Parse(manifest, displayName);
        return parsed.Sequence >= minimumSequence
            ? parsed
            : throw new ModelCacheException(
                $"{displayName} {(manifest is null ? "is missing" : $"has the sequence {parsed.Sequence}")}; expected is at least {minimumSequence} " +
                $"({settings}:MinimumSequence): an older manifest was put back. Restore the newest one, or lower that setting.");
    }

    private async Task VerifyAsync(byte[] manifest, byte[] signature, string displayName, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var document = StrictJson.Parse(signature, MostBytes);
            var envelope = DsseEnvelope.Read(new StrictElement(document.RootElement, ""), PayloadType, ManifestJson.MaxBytes);
            if (!envelope.Payload.AsSpan().SequenceEqual(manifest))
            {
                throw new FormatException("it was made for other bytes");
            }

            var keys = await GetKeysAsync(envelope.Signatures, cancellationToken).ConfigureAwait(false);
            keys.Verify(DsseEnvelope.Encode(PayloadType, manifest), envelope.Signatures);
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"{displayName} is not trusted: {name}: {e.Message}.", e);
        }
    }

    /// <summary>The signer may be a service that does not answer: it is asked for its key only where no configured one is named.</summary>
    private async ValueTask<VerificationKeys> GetKeysAsync(IReadOnlyList<DsseSignature> signatures, CancellationToken cancellationToken) =>
        signer is null || _configured.Know(signatures)
            ? _configured
            : _all ??= new VerificationKeys([.. trusted, await EnvelopeSigner.GetKeyAsync(signer, cancellationToken).ConfigureAwait(false)]);
}
