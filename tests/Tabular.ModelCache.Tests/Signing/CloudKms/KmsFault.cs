using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Signing.CloudKms;

/// <summary>One way in which Cloud KMS fails, with what the publisher says of it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Operation">Which request it meets, each time.</param>
/// <param name="Fault">What is answered.</param>
/// <param name="Attempts">How often the request is sent.</param>
/// <param name="Messages">Parts of the message.</param>
internal sealed record KmsFault(string Name, string Operation, KeyManagementFault Fault, int Attempts, params string[] Messages)
{
    private const string GetPublicKey = "getPublicKey";
    private const string Sign = "asymmetricSign";

    public static IReadOnlyList<KmsFault> All { get; } =
    [
        new("the signature's checksum is wrong", Sign, Change(a => a["signatureCrc32c"] = "1"), 5, "signatureCrc32c is '1', but what came has ", "(5 attempts)"),
        new("the signature was damaged", Sign, Change(a => a["signature"] = "MAA="), 5, "signatureCrc32c is '"),
        new("the signature is no base64", Sign, Change(a => a["signature"] = "-_"), 5, "signature is not the standard base64 of at most 256 bytes"),
        new("the digest was damaged", Sign, Change(a => a["verifiedDigestCrc32c"] = false), 5, "verifiedDigestCrc32c is not true"),
        new("the digest was not checked", Sign, Change(a => a.Remove("verifiedDigestCrc32c")), 5, "verifiedDigestCrc32c is not true"),
        new("another version signed", Sign, Change(Rename), 1, "was answered for 'projects/tabular/", "cryptoKeyVersions/2'; expected is the key version itself"),
        new("another key signed", Sign, Change(SignWithAnotherKey), 1, "gave a signature that does not verify with the public key "),
        new("signing is denied", Sign, KeyManagementFault.Error(403, "PERMISSION_DENIED", "Permission denied on resource"), 1,
            "lacks cloudkms.cryptoKeyVersions.useToSign", "gcloud kms keys add-iam-policy-binding publisher --keyring=models --location=europe-west1 --project=tabular"),
        new("the quota is used up", Sign, KeyManagementFault.Error(429, "RESOURCE_EXHAUSTED"), 5, "(429 RESOURCE_EXHAUSTED: ", "(5 attempts)"),
        new("it is down", Sign, KeyManagementFault.Error(503, "UNAVAILABLE"), 5, "got no answer from Cloud KMS (503 UNAVAILABLE: ", "(5 attempts)"),
        new("the answer is too long", Sign, Text(new string(' ', 100_000)), 5, "the answer is longer than 65536 bytes"),
        new("the answer is no JSON", Sign, Text("<html>Sign in</html>"), 5, "it is not valid JSON"),
        new("the answer has a member twice", Sign, Text("""{"name":"a","name":"b"}"""), 5, "without duplicate members"),
        new("the answer is a list", Sign, Text("[]"), 5, "it is not an object"),
        new("reading the key is denied", GetPublicKey, KeyManagementFault.Error(403, "PERMISSION_DENIED", "Permission denied on resource"), 1,
            "lacks cloudkms.cryptoKeyVersions.viewPublicKey", "--role=roles/cloudkms.signerVerifier"),
        new("the service is off", GetPublicKey, KeyManagementFault.Error(403, "PERMISSION_DENIED", "It has not been used in project 1 before"), 1,
            "gcloud services enable cloudkms.googleapis.com --project=tabular"),
        new("the key is for something else", GetPublicKey, Change(a => a["algorithm"] = "EC_SIGN_SECP256K1_SHA256"), 1,
            "says that the key is for EC_SIGN_SECP256K1_SHA256; expected is EC_SIGN_P256_SHA256 or EC_SIGN_P384_SHA384"),
        new("the key is on another curve", GetPublicKey, Change(a => a["algorithm"] = "EC_SIGN_P384_SHA384"), 5, "pem is on P-256; expected is P-384"),
        new("the key was damaged", GetPublicKey, Change(a => a["pemCrc32c"] = "1"), 5, "pemCrc32c is '1'"),
        new("the key of another version came", GetPublicKey, Change(Rename), 1, "cryptoKeyVersions/2'; expected is the key version itself"),
    ];

    public override string ToString() => Name;

    private static KeyManagementFault Change(Action<JsonObject> change) => new() { Change = change };

    private static KeyManagementFault Text(string body) => new() { Status = 200, Body = body };

    private static void Rename(JsonObject answer) => answer["name"] = answer["name"]!.GetValue<string>()[..^1] + "2";

    private static void SignWithAnotherKey(JsonObject answer)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = other.SignHash(new byte[SHA256.HashSizeInBytes], DSASignatureFormat.Rfc3279DerSequence);
        answer["signature"] = Convert.ToBase64String(signature);
        answer["signatureCrc32c"] = Crc32C.Compute(signature).ToString(CultureInfo.InvariantCulture);
    }
}
