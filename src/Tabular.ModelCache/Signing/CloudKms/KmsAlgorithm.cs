namespace Tabular.ModelCache.Signing.CloudKms;

/// <summary>
/// The algorithms of Cloud KMS that Model Signing allows (<see href="https://cloud.google.com/kms/docs/algorithms#elliptic_curve_signing_algorithms"/>);
/// all others are refused.
/// </summary>
/// <param name="Name">Its name there.</param>
/// <param name="Curve">The name of its curve.</param>
/// <param name="Digest">The member of a request that carries the digest.</param>
internal sealed record KmsAlgorithm(string Name, string Curve, string Digest)
{
    private static readonly KmsAlgorithm[] All =
    [
        new("EC_SIGN_P256_SHA256", "P-256", "sha256"),
        new("EC_SIGN_P384_SHA384", "P-384", "sha384"),
    ];

    public static string Allowed => string.Join(" or ", All.Select(a => a.Name));

    public static KmsAlgorithm? Find(string name) => All.FirstOrDefault(a => a.Name == name);
}
