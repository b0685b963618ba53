using System.Security.Cryptography;
using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>A key that nothing else uses.</summary>
internal sealed record TestKey(string Pem, VerificationKey Public)
{
    public static TestKey Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TestKey(key.ExportPkcs8PrivateKeyPem(), VerificationKey.From(key, "test"));
    }

    public (string Key, string Value) Trusted(int index) => ($"ModelCache:Signing:TrustedKeys:{index}", Public.Pem);
}
