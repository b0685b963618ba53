namespace Tabular.ModelCache.Signing;

/// <summary>One signature of an envelope.</summary>
/// <param name="Signature">ECDSA as ASN.1 DER, SEQUENCE of r and s.</param>
/// <param name="KeyId">The hint of the key; empty when the envelope has none. It is not authenticated: it only chooses among trusted keys.</param>
internal sealed record DsseSignature(byte[] Signature, string KeyId);
