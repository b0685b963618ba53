namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>What is known of a key once its public half was read.</summary>
/// <param name="Algorithm">What it signs with.</param>
/// <param name="Key">The public half.</param>
internal sealed record KmsPublicKey(KmsAlgorithm Algorithm, VerificationKey Key);
