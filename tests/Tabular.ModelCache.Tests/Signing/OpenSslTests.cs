using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>Raw signatures, taken out of what is published without the code under test, as <c>openssl</c> verifies them.</summary>
public sealed class OpenSslTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("openssl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Signature_OfTheVector_IsAccepted() => VerifyAsync(Member(Vectors.Bundle, "dsseEnvelope"));

    [Fact]
    public async Task Signatures_OfAPublishedVersionAndItsManifest_AreAccepted()
    {
        var store = new InMemoryObjectStore();
        var source = new TestSource(("blobs/a", "first"), ("manifests/m", "refers to it"));
        await using var cache = new TestCache(store, source, null, ("ModelCache:Signing:PrivateKey", Vectors.PrivateKey));
        var version = (await cache.PublishAsync()).Version;
        var manifest = (await store.ReadAllAsync(VersionFiles.Manifest, ManifestJson.MaxBytes, default))!.Bytes;

        await VerifyAsync(Member(await ReadAsync($"{version.Path}/model.sig"), "dsseEnvelope"));
        await VerifyAsync(JsonDocument.Parse(await ReadAsync(ManifestTrust.NameFor(manifest))).RootElement);

        async Task<byte[]> ReadAsync(string name) => (await store.ReadAllAsync(name, ManifestTrust.MostBytes, default))!.Bytes;
    }

    private static JsonElement Member(byte[] json, string name) => JsonDocument.Parse(json).RootElement.GetProperty(name);

    private async Task VerifyAsync(JsonElement envelope)
    {
        var type = envelope.GetProperty("payloadType").GetString()!;
        var payload = envelope.GetProperty("payload").GetBytesFromBase64();
        await File.WriteAllBytesAsync(Path.Join(_folder, "pae.bin"), [.. Encoding.ASCII.GetBytes($"DSSEv1 {type.Length} {type} {payload.Length} "), .. payload]);
        await File.WriteAllBytesAsync(Path.Join(_folder, "sig.der"), envelope.GetProperty("signatures")[0].GetProperty("sig").GetBytesFromBase64());
        await File.WriteAllTextAsync(Path.Join(_folder, "key.pub.pem"), Vectors.PublicKey);

        (await RunAsync()).Should().Be(0);

        await File.AppendAllTextAsync(Path.Join(_folder, "pae.bin"), "x");
        (await RunAsync()).Should().Be(1);
    }

    private async Task<int> RunAsync()
    {
        try
        {
            using var openssl = Process.Start(new ProcessStartInfo("openssl", "dgst -sha256 -verify key.pub.pem -signature sig.der pae.bin")
            {
                WorkingDirectory = _folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            await openssl.WaitForExitAsync(TestContext.Current.CancellationToken);
            return openssl.ExitCode;
        }
        catch (Win32Exception)
        {
            Assert.Skip("openssl is not installed.");
            throw;
        }
    }
}
