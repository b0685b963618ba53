using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>One version of a key, with the private half that Cloud KMS would never show.</summary>
internal sealed class SigningKeyVersion : IDisposable
{
    private readonly string _name;
    private readonly string _algorithm;
    private readonly string _digest;
    private readonly int _digestBytes;
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    public SigningKeyVersion(string name, string algorithm)
    {
        (_digest, _digestBytes, var curve) = algorithm switch
        {
            "EC_SIGN_P256_SHA256" => ("sha256", SHA256.HashSizeInBytes, ECCurve.NamedCurves.nistP256),
            "EC_SIGN_P384_SHA384" => ("sha384", SHA384.HashSizeInBytes, ECCurve.NamedCurves.nistP384),
            _ => throw new ArgumentException($"Expected EC_SIGN_P256_SHA256 or EC_SIGN_P384_SHA384, found '{algorithm}'.", nameof(algorithm)),
        };
        (_name, _algorithm, _key) = (name, algorithm, ECDsa.Create(curve));
        Pem = _key.ExportSubjectPublicKeyInfoPem() + "\n";
    }

    public string Pem { get; }

    public bool IsDisabled { get; set; }

    public JsonObject GetPublicKey() => new()
    {
        ["pem"] = Pem,
        ["algorithm"] = _algorithm,
        ["pemCrc32c"] = Checksum(Encoding.ASCII.GetBytes(Pem)),
        ["name"] = _name,
        ["protectionLevel"] = "SOFTWARE",
    };

    /// <summary>Signs the digest of a request, unless the request is wrong.</summary>
    public KeyManagementReply Sign(JsonNode? request, Action<JsonObject>? change)
    {
        if (request?["digest"] is not JsonObject digests || Bytes(digests[_digest]) is not { } digest)
        {
            return KeyManagementReply.Invalid($"digest.{_digest} is required by {_algorithm}.");
        }

        if (digest.Length != _digestBytes)
        {
            return KeyManagementReply.Invalid($"The digest has {digest.Length} bytes; {_algorithm} signs {_digestBytes}.");
        }

        var claimed = request["digestCrc32c"]?.ToString();
        if (claimed is not null && claimed != Checksum(digest))
        {
            return KeyManagementReply.Invalid("The checksum in field digest_crc32c did not match the data in field digest.");
        }

        byte[] signature;
        lock (_gate)
        {
            signature = _key.SignHash(digest, DSASignatureFormat.Rfc3279DerSequence);
        }

        var answer = new JsonObject
        {
            ["signature"] = Convert.ToBase64String(signature),
            ["signatureCrc32c"] = Checksum(signature),
            ["name"] = _name,
            ["protectionLevel"] = "SOFTWARE",
        };
        if (claimed is not null)
        {
            answer["verifiedDigestCrc32c"] = true;
        }

        change?.Invoke(answer);
        return KeyManagementReply.Success(answer);
    }

    public void Dispose() => _key.Dispose();

    // An int64 travels as a string.
    private static string Checksum(ReadOnlySpan<byte> content) => Crc32C.Compute(content).ToString(CultureInfo.InvariantCulture);

    private static byte[]? Bytes(JsonNode? text)
    {
        try
        {
            return text is null ? null : Convert.FromBase64String(text.ToString());
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
