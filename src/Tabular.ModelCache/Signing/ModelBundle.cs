using System.Text.Json;

namespace Tabular.ModelCache.Signing;

/// <summary>
/// A <c>model.sig</c> with a key: a Sigstore bundle v0.3 around an envelope
/// (<see href="https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto"/>). The reference implementation
/// refuses unknown members, and so does this one.
/// </summary>
/// <param name="Envelope">The envelope, with one signature.</param>
/// <param name="Hint">The hint of the key; empty in bundles from before Model Signing 1.1.</param>
internal sealed record ModelBundle(DsseEnvelope Envelope, string Hint)
{
    /// <summary>The largest statement in base64, and some.</summary>
    public const int MostBytes = (ModelStatement.MostBytes / 3 * 4) + (64 << 10);

    public const string ContentType = MediaType;

    private const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>Reads a bundle. Nothing in it is trusted yet.</summary>
    /// <exception cref="FormatException">It is not one, or was not made with a key.</exception>
    public static ModelBundle Parse(ReadOnlyMemory<byte> bytes)
    {
        using var document = StrictJson.Parse(bytes, MostBytes, DsseEnvelope.MostTokens);
        var root = new StrictElement(document.RootElement, null);
        root.AllowOnly("mediaType", "verificationMaterial", "dsseEnvelope");
        root.Member("mediaType").ExpectText(MediaType);
        var hint = ReadHint(root.Member("verificationMaterial"));
        var envelope = DsseEnvelope.Read(root.Member("dsseEnvelope"), ModelStatement.PayloadType, ModelStatement.MostBytes);
        return envelope.Signatures is [var signature]
            ? new ModelBundle(envelope with { Signatures = [signature with { KeyId = hint }] }, hint)
            : throw new FormatException($"dsseEnvelope.signatures has {envelope.Signatures.Count} items; expected is 1");
    }

    /// <summary>Verifies a bundle and reads what it says.</summary>
    /// <param name="bytes">The bundle.</param>
    /// <param name="keys">The trusted keys.</param>
    /// <param name="displayName">The bundle's name, for messages.</param>
    /// <exception cref="ModelCacheException">It was not made by a trusted key, or says what no bundle may say.</exception>
    public static ModelStatement Verify(ReadOnlyMemory<byte> bytes, VerificationKeys keys, string displayName)
    {
        try
        {
            var bundle = Parse(bytes);
            keys.Verify(bundle.Envelope.Encode(), bundle.Envelope.Signatures);
            return ModelStatement.Parse(bundle.Envelope.Payload);
        }
        catch (FormatException e)
        {
            throw new ModelCacheException($"{displayName} is not a valid signature: {e.Message}.", e);
        }
    }

    /// <exception cref="ModelCacheException">The signer failed.</exception>
    public static async Task<byte[]> SignAsync(ModelStatement statement, IModelSigner signer, CancellationToken cancellationToken)
    {
        var envelope = await EnvelopeSigner.SignAsync(signer, ModelStatement.PayloadType, statement.Serialize(), cancellationToken).ConfigureAwait(false);
        return new ModelBundle(envelope, envelope.Signatures[0].KeyId).Serialize();
    }

    public byte[] Serialize() => SignedJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("mediaType", MediaType);
        writer.WriteStartObject("verificationMaterial");
        writer.WriteStartObject("publicKey");
        writer.WriteString("hint", Hint);
        writer.WriteEndObject();
        writer.WriteStartArray("tlogEntries");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WritePropertyName("dsseEnvelope");
        Envelope.Write(writer);
        writer.WriteEndObject();
    });

    private static string ReadHint(StrictElement material)
    {
        material.AllowOnly("publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData");
        if (material.Optional("publicKey") is not { } key || material.Optional("certificate") is not null || material.Optional("x509CertificateChain") is not null)
        {
            throw new FormatException($"{material.Path} is not a public key alone; bundles with certificates are not supported");
        }

        // A key in the bundle, as it was before 1.1, says nothing about who signed: the trusted keys decide.
        key.AllowOnly("hint", "rawBytes", "keyDetails", "validFor");
        if (material.Optional("tlogEntries") is { Value.ValueKind: not JsonValueKind.Array } log)
        {
            throw new FormatException($"{log.Path} is not an array");
        }

        return key.Optional("hint")?.Text() ?? "";
    }
}
