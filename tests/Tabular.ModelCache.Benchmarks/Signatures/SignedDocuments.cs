using System.Security.Cryptography;
using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;

namespace Tabular.ModelCache.Benchmarks.Signatures;

/// <summary>A signed manifest of two models with three versions each, and the bundles of their active versions.</summary>
/// <param name="Manifest">The bytes of the manifest.</param>
/// <param name="ManifestSignature">The envelope around them.</param>
/// <param name="Bundles">The two bundles.</param>
/// <param name="Key">The key that verifies them all.</param>
internal sealed record SignedDocuments(byte[] Manifest, byte[] ManifestSignature, IReadOnlyList<byte[]> Bundles, VerificationKey Key)
{
    private const long Region = FileRegions.DefaultSize;

    // What the two models of a deployment have, markers included: 11 and 6 files.
    private static readonly (string Path, long Size)[] Embedding =
    [
        ("SHA256SUMS", 1234), (".done", 65), ("models--BAAI--bge-m3/refs/main", 40), Snapshot("1_Pooling/config.json", 191), Snapshot("config.json", 687),
        Snapshot("modules.json", 349), Snapshot("pytorch_model.bin", 2_271_145_830), Snapshot("sentence_bert_config.json", 54),
        Snapshot("sentencepiece.bpe.model", 5_069_051), Snapshot("tokenizer.json", 17_098_108), Snapshot("tokenizer_config.json", 444),
    ];

    private static readonly (string Path, long Size)[] Language =
    [
        ("SHA256SUMS", 480), (".done", 65), ("manifests/registry.ollama.ai/library/llama3.2/1b", 857),
        Blob("weights", 1_321_082_688), Blob("template", 1429), Blob("configuration", 485),
    ];

    public static async Task<SignedDocuments> CreateAsync(CancellationToken cancellationToken)
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = PemModelSigner.Parse(ecdsa.ExportPkcs8PrivateKeyPem(), "the key of the benchmark");
        ManifestVersion[] embeddings = [.. Enumerable.Range(1, 3).Select(day => Describe("bge-m3", ModelKinds.Sbert, day, Embedding))];
        ManifestVersion[] languages = [.. Enumerable.Range(1, 3).Select(day => Describe("llama3.2-1b", ModelKinds.Ollama, day, Language))];
        var manifest = ManifestJson.Serialize(new Manifest
        {
            Sequence = 42,
            WriteId = "benchmark",
            Models = new Dictionary<string, ManifestEntry> { ["bge-m3"] = Keep(ModelKinds.Sbert, embeddings), ["llama3.2-1b"] = Keep(ModelKinds.Ollama, languages) },
        });
        return new SignedDocuments(
            manifest,
            await ManifestTrust.SignAsync(signer, manifest, cancellationToken),
            [await SignAsync(embeddings[0], signer, cancellationToken), await SignAsync(languages[0], signer, cancellationToken)],
            VerificationKey.From(ecdsa, "the key of the benchmark"));
    }

    private static (string Path, long Size) Snapshot(string name, long size) =>
        ($"models--BAAI--bge-m3/snapshots/5617a9f61b028005a4858fdac845db406aefb181/{name}", size);

    private static (string Path, long Size) Blob(string content, long size) => ($"blobs/sha256-{Sha256Of(content)}", size);

    private static ManifestVersion Describe(string model, string kind, int day, (string Path, long Size)[] files)
    {
        var checksums = Sha256Of($"{model} {day}");
        var version = $"{model}-2026-11-0{day}-{checksums[..12]}";
        return new ManifestVersion
        {
            Version = version,
            Path = $"{kind}/{version}",
            Source = new ManifestSource { Uri = $"benchmark://{model}", Digest = $"sha256:{checksums}" },
            Bytes = files.Sum(file => file.Size),
            Checksums = checksums,
            Files = [.. files.Append(("model.sig", 4096)).Select(file => Describe(file.Item1, file.Item2, day, checksums))],
        };
    }

    private static ManifestFile Describe(string path, long size, int day, string checksums) => new()
    {
        Path = path,
        Size = size,
        Sha256 = path == "SHA256SUMS" ? checksums : Sha256Of($"{path} {day}"),
        Crc32C = 123_456_789,
        Generation = 1_700_000_000_000_000,
        Regions = size <= Region
            ? null
            : new FileRegions { Size = Region, Sha256 = [.. Enumerable.Range(0, (int)FileRegions.CountFor(size, Region)).Select(i => Sha256Of($"{path} {day} {i}"))] },
    };

    private static ManifestEntry Keep(string kind, ManifestVersion[] versions) =>
        new() { Kind = kind, Attempt = "1-0123456789abcdef", Active = versions[0].Version, Versions = versions };

    private static Task<byte[]> SignAsync(ManifestVersion version, IModelSigner signer, CancellationToken cancellationToken) => ModelBundle.SignAsync(
        ModelStatement.Create(
            version.Version,
            new Dictionary<string, string> { ["version"] = version.Version, ["path"] = version.Path, ["checksums"] = version.Checksums, ["bytes"] = $"{version.Bytes}" },
            version.Files.Where(file => file.Path != "model.sig").Select(file => new SignedResource(file.Path, file.Sha256, file.Size)),
            ["model.sig"]),
        signer,
        cancellationToken);

    private static string Sha256Of(string text) => Sha256Hex.Of(Encoding.UTF8.GetBytes(text));
}
