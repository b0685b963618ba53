using System.Text;
using System.Text.Json;

namespace Tabular.ModelCache.Signing;

/// <summary>
/// A DSSE envelope, protocol 1.0.2: a payload with its type, and signatures over both
/// (<see href="https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md"/>).
/// </summary>
/// <param name="PayloadType">What the payload is; signed too, so that no document can be taken for one of another kind.</param>
/// <param name="Payload">The bytes as they were signed. JSON is never brought into a canonical form.</param>
/// <param name="Signatures">At least one.</param>
internal sealed record DsseEnvelope(string PayloadType, byte[] Payload, IReadOnlyList<DsseSignature> Signatures)
{
    /// <summary>P-521 takes up to 139 bytes.</summary>
    private const int MostSignatureBytes = 256;

    private const int MostSignatures = 8;

    /// <summary>An envelope, and what a bundle has around it; the logs of other tools take some hundred.</summary>
    public const int MostTokens = 10_000;

    /// <summary>The pre-authentication encoding: the bytes that are hashed and signed.</summary>
    public static byte[] Encode(string payloadType, ReadOnlySpan<byte> payload)
    {
        var head = Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ");
        return [.. head, .. payload];
    }

    public byte[] Encode() => Encode(PayloadType, Payload);

    /// <summary>Reads an envelope. Nothing in it is trusted yet.</summary>
    /// <exception cref="FormatException">It is not one, or its payload is of another type.</exception>
    public static DsseEnvelope Read(StrictElement element, string payloadType, int mostPayloadBytes)
    {
        element.AllowOnly("payload", "payloadType", "signatures");
        element.Member("payloadType").ExpectText(payloadType);
        var signatures = new List<DsseSignature>();
        foreach (var item in element.Member("signatures").Items(1, MostSignatures))
        {
            item.AllowOnly("sig", "keyid");
            signatures.Add(new DsseSignature(item.Member("sig").Base64(MostSignatureBytes), item.Optional("keyid")?.Text() ?? ""));
        }

        return new DsseEnvelope(payloadType, element.Member("payload").Base64(mostPayloadBytes), signatures);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteBase64String("payload", Payload);
        writer.WriteString("payloadType", PayloadType);
        writer.WriteStartArray("signatures");
        foreach (var (signature, keyId) in Signatures)
        {
            writer.WriteStartObject();
            writer.WriteBase64String("sig", signature);
            writer.WriteString("keyid", keyId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
