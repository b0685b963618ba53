using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Sources.Ollama;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Signing;

/// <summary>
/// Every parser of what others write gets changed copies of a valid document: 20,000, or a million with <c>MODEL_CACHE_TESTS_FULL=1</c>.
/// It may refuse them with the exception that it declares, and with no other.
/// </summary>
public sealed class ParserFuzzTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("MODEL_CACHE_TESTS_FULL") == "1" ? 1_000_000 : 20_000;
    private static readonly string[] Tokens =
        ["\"", "{", "}", "[", "]", ",", ":", "null", "-1", "1e999", "99999999999999999999", "\\ud800", "\\u0000", "../", "/", "\n", "  ", "\0", "true", "[[[[[[[[[[[[[[[[[["];

    [Fact]
    public void Bundle_ChangedDocuments_AreRefusedAsDeclared() => Run(Vectors.Bundle, bytes => ModelBundle.Parse(bytes));

    [Fact]
    public void Statement_ChangedDocuments_AreRefusedAsDeclared() =>
        Run(ModelBundle.Parse(Vectors.Bundle).Envelope.Payload, bytes => ModelStatement.Parse(bytes));

    [Fact]
    public void Manifest_ChangedDocuments_AreRefusedAsDeclared() => Run(
        ManifestJson.Serialize(new Manifest().With("demo", Entry(), "00")),
        bytes => ManifestJson.Parse(bytes, "manifest.json"));

    [Fact]
    public void ChecksumFile_ChangedDocuments_AreRefusedAsDeclared() => Run(
        ChecksumFile.Format([("blobs/a", Sha256Hex.Of("a"u8)), ("manifests/m", Sha256Hex.Of("b"u8))]),
        bytes => ChecksumFile.TryParse(bytes, out _));

    [Fact]
    public void MountInfo_ChangedDocuments_AreRefusedAsDeclared() => Run(
        "36 35 98:0 /mnt1 /models rw,noatime master:1 - fuse.gcsfuse bucket rw,user_id=0\n37 35 0:5 / /proc rw - proc proc rw\n"u8.ToArray(),
        bytes => MountInfo.Parse(Encoding.UTF8.GetString(bytes)));

    [Fact]
    public void OllamaManifest_ChangedDocuments_AreRefusedAsDeclared() => Run(
        Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","digest":"sha256:{{Sha256Hex.Of("a"u8)}}","size":1},"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:{{Sha256Hex.Of("b"u8)}}","size":2}]}"""),
        bytes => OllamaManifest.Parse(bytes, "manifest"));

    private static ManifestEntry Entry()
    {
        var (checksums, file) = (Sha256Hex.Of("a"u8), Sha256Hex.Of("b"u8));
        var version = new ManifestVersion
        {
            Version = $"demo-2025-11-14-{checksums[..12]}",
            Path = $"ollama/demo-2025-11-14-{checksums[..12]}",
            Source = new ManifestSource { Uri = "ollama://demo", Digest = "sha256:" + file },
            Checksums = checksums,
            Files =
            [
                new ManifestFile { Path = "blobs/a", Size = 1, Sha256 = file, Crc32C = 1, Generation = 2 },
                new ManifestFile { Path = VersionFiles.Checksums, Size = 1, Sha256 = checksums, Crc32C = 1, Generation = 3 },
                new ManifestFile { Path = VersionFiles.Done, Size = 65, Sha256 = file, Crc32C = 1, Generation = 4 },
            ],
        };
        return new ManifestEntry { Kind = ModelKinds.Ollama, Attempt = "1-a", Active = version.Version, Versions = [version] };
    }

    private static void Run(byte[] valid, Action<byte[]> parse)
    {
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            var bytes = Change(valid, random);
            try
            {
                parse(bytes);
            }
            catch (Exception e) when (e is FormatException or ModelCacheException)
            {
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Input {i}: {Convert.ToBase64String(bytes)}", e);
            }
        }
    }

    private static byte[] Change(byte[] valid, Random random)
    {
        var bytes = valid.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 200), bytes.Count - at)));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(Tokens[random.Next(Tokens.Length)]));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
