namespace Tabular.ModelCache;

/// <summary>Which keys sign what is published, and which are trusted.</summary>
public sealed class SigningOptions
{
    /// <summary>Gets the public keys whose signatures are trusted.</summary>
    /// <value>
    /// Each is the PEM text of a key on P-256, P-384 or P-521, the path of a PEM file, or the path of a folder whose files <c>*.pem</c> are
    /// taken; relative paths are taken from the content root. At most 32 keys. The key that signs here is trusted as well. Empty by default.
    /// </value>
    public IList<string> TrustedKeys { get; } = [];

    /// <summary>Gets or sets the private key that signs what is published: its PEM text, or the path of a PEM file.</summary>
    /// <value>The default is none. Instances that only read need none.</value>
    public string? PrivateKey { get; set; }

    /// <summary>Gets or sets the version of a key of Google Cloud KMS that signs what is published, instead of <see cref="PrivateKey"/>.</summary>
    /// <value>
    /// <c>projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY/cryptoKeyVersions/NUMBER</c>, of the algorithm
    /// <c>EC_SIGN_P256_SHA256</c> or <c>EC_SIGN_P384_SHA384</c>
    /// (<see href="https://cloud.google.com/kms/docs/algorithms#elliptic_curve_signing_algorithms"/>). The credential is that of the bucket and
    /// needs the role <c>roles/cloudkms.signerVerifier</c> on the key. The default is none.
    /// </value>
    public string? KmsKey { get; set; }

    /// <summary>Gets or sets where Cloud KMS is served.</summary>
    /// <value>
    /// <c>https://</c> and a host, a regional endpoint for example. <c>http://</c> is allowed on this machine alone, for a server in tests,
    /// and is sent no credential. The default is <c>https://cloudkms.googleapis.com</c>.
    /// </value>
    public string? KmsEndpoint { get; set; }

    /// <summary>Gets or sets the lowest sequence of a manifest that is accepted, against the replay of an older one.</summary>
    /// <value>From 0, the default, which accepts any.</value>
    public long MinimumSequence { get; set; }

    /// <summary>Gets or sets what a manifest needs before it is believed.</summary>
    /// <value>The default is <see cref="SigningPolicy.Require"/> once a key is configured, else <see cref="SigningPolicy.Off"/>.</value>
    public SigningPolicy? Policy { get; set; }
}
