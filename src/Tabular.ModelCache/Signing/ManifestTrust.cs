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
    /// <param name="acceptsOlder">Whether it may be older than allowed, because it is only compared with another and nothing is served by it.</param>
    /// <exception cref="ModelCacheException">No trusted key has signed it, it is older than allowed, or it is not a manifest.</exception>
    public async Task<Manifest> OpenAsync(
        byte[]? manifest,
        string displayName,
        Func<string, CancellationToken, Task<byte[]?>> readSignature,
        CancellationToken cancellationToken,
        bool acceptsOlder = false)
    {
        if (manifest is not null && requires)
        {
            var name = NameFor(manifest);
            var signature = await readSignature(name, cancellationToken).ConfigureAwait(false) ?? throw Distrust(
                $"{displayName} is not signed: {name} is missing; restore the manifest that was signed, or, to sign this bucket for the first time, run " +
                $"model-cache sync with a signing key and {settings}:Policy={SigningPolicy.Off}.");
            try
            {
                var signatures = ReadSignatures(manifest, signature);
                var keys = await GetKeysAsync(signatures, cancellationToken).ConfigureAwait(false);
                keys.Verify(DsseEnvelope.Encode(PayloadType, manifest), signatures);
            }
            catch (FormatException e)
            {
                throw Distrust($"{displayName} is not trusted: {name}: {e.Message}.", e);
            }
        }

        var parsed = manifest is null ? new Manifest() : ManifestJson.Parse(manifest, displayName);
        return parsed.Sequence >= minimumSequence || acceptsOlder
            ? parsed
            : throw Distrust(
                $"{displayName} {(manifest is null ? "is missing" : $"has the sequence {parsed.Sequence}")}; expected is at least {minimumSequence} " +
                $"({settings}:MinimumSequence): an older manifest was put back. Restore the newest one, or lower that setting.");
    }

    /// <summary>Whether the key that signs here has signed these bytes.</summary>
    /// <exception cref="ModelCacheException">The public key of the signer cannot be had.</exception>
    public async Task<bool> IsSignedHereAsync(
        byte[] manifest, Func<string, CancellationToken, Task<byte[]?>> readSignature, CancellationToken cancellationToken)
    {
        if (signer is null || await readSignature(NameFor(manifest), cancellationToken).ConfigureAwait(false) is not { } signature)
        {
            return false;
        }

        var own = await EnvelopeSigner.GetKeyAsync(signer, cancellationToken).ConfigureAwait(false);
        try
        {
            new VerificationKeys([own]).Verify(DsseEnvelope.Encode(PayloadType, manifest), ReadSignatures(manifest, signature));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>
    /// The keys by which these signatures may be. The signer may be a service that does not answer: it is asked for its key only where no
    /// configured one is named.
    /// </summary>
    /// <exception cref="ModelCacheException">The public key of the signer cannot be had.</exception>
    public async ValueTask<VerificationKeys> GetKeysAsync(IReadOnlyList<DsseSignature> signatures, CancellationToken cancellationToken) =>
        signer is null || _configured.Know(signatures)
            ? _configured
            : _all ??= new VerificationKeys([.. trusted, await EnvelopeSigner.GetKeyAsync(signer, cancellationToken).ConfigureAwait(false)]);

    /// <exception cref="FormatException">It is no envelope around these bytes.</exception>
    private static IReadOnlyList<DsseSignature> ReadSignatures(byte[] manifest, byte[] signature)
    {
        using var document = StrictJson.Parse(signature, MostBytes, DsseEnvelope.MostTokens);
        var envelope = DsseEnvelope.Read(new StrictElement(document.RootElement, null), PayloadType, ManifestJson.MaxBytes);
        return envelope.Payload.AsSpan().SequenceEqual(manifest) ? envelope.Signatures : throw new FormatException("it was made for other bytes");
    }

    private static ModelCacheException Distrust(string message, Exception? cause = null) => new(message, cause) { IsDistrust = true };
}
