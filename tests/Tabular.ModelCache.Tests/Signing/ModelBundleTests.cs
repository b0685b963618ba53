using System.Security.Cryptography;
using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Tests.Signing;

public sealed class ModelBundleTests : IDisposable
{
    private static readonly VerificationKeys Trusted = new([VerificationKey.Parse(Vectors.PublicKey, "test")]);
    private readonly string _folder = Directory.CreateTempSubdirectory("signing-").FullName;

    public ModelBundleTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "model", "sub"));
        File.WriteAllText(Path.Combine(_folder, "model", "weights.bin"), "weights\n");
        File.WriteAllText(Path.Combine(_folder, "model", "sub", "config.json"), "{}\n");
        File.WriteAllBytes(Path.Combine(_folder, "model.sig"), Vectors.Bundle);
        File.WriteAllText(Path.Combine(_folder, "key.pub.pem"), Vectors.PublicKey);
    }

    private string Model => Path.Combine(_folder, "model");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Hint_PublicKey_IsTheSha256OfTheFileThatOpenSslWrites() =>
        Trusted.All.Single().Hint.Should().Be(Vectors.Hint).And.Be(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(Vectors.PublicKey))));

    [Fact]
    public async Task Verify_TheVector_Passes()
    {
        var statement = await VerifyAsync();

        statement.Resources.Select(r => (r.Name, r.Size)).Should().Equal(("sub/config.json", 3), ("weights.bin", 8));
    }

    [Theory]
    [InlineData("changed", "sha256")]
    [InlineData("grown", "bytes")]
    [InlineData("missing", "missing")]
    [InlineData("extra", "was not signed")]
    [InlineData("link", "symbolic link")]
    public async Task Verify_ChangedFolder_NamesTheFile(string change, string expected)
    {
        var path = Path.Combine(Model, "weights.bin");
        switch (change)
        {
            case "changed":
                await File.WriteAllTextAsync(path, "Weights\n");
                break;
            case "grown":
                await File.AppendAllTextAsync(path, "x");
                break;
            case "missing":
                File.Delete(path);
                break;
            case "extra":
                File.Copy(path, path + ".more");
                break;
            default:
                File.Move(path, Path.Combine(_folder, "elsewhere"));
                File.CreateSymbolicLink(path, Path.Combine(_folder, "elsewhere"));
                break;
        }

        var verify = () => VerifyAsync();

        (await verify.Should().ThrowAsync<ModelCacheException>()).Which.Message.Should().Contain("weights.bin").And.Contain(expected);
    }

    [Fact]
    public async Task Sign_EachCurve_Verifies()
    {
        foreach (var curve in new[] { ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521 })
        {
            using var key = ECDsa.Create(curve);
            using var signer = PemModelSigner.Parse(key.ExportPkcs8PrivateKeyPem(), "test");
            var bundle = Path.Combine(_folder, "own.sig");

            await FolderSignature.SignAsync(Model, bundle, signer, [], default);

            var statement = await FolderSignature.VerifyAsync(Model, bundle, VerificationKey.From(key, "test"), [], false, default);
            statement.Resources.Should().HaveCount(2);
        }
    }

    [Fact]
    public void Verify_EveryBitOfTheBundleFlipped_NeverSaysSomethingElse()
    {
        var bundle = Vectors.Bundle;
        var expected = ModelBundle.Verify(bundle, Trusted, "model.sig");
        for (var bit = 0; bit < bundle.Length * 8; bit += 3)
        {
            var other = (byte[])bundle.Clone();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                ModelBundle.Verify(other, Trusted, "model.sig").SaysTheSame(expected).Should().BeTrue();
            }
            catch (ModelCacheException)
            {
            }
        }
    }

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    public void Parse_NoPublicKey_IsRefused(string pem)
    {
        var parse = () => VerificationKey.Parse(pem, "test");

        parse.Should().Throw<FormatException>();
    }

    private Task<ModelStatement> VerifyAsync() => FolderSignature.VerifyAsync(
        Model, Path.Combine(_folder, "model.sig"), KeyFile.ReadPublic(Path.Combine(_folder, "key.pub.pem")), [], false, default);
}
