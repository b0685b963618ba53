using System.Text.Json;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Stores.GoogleCloud;
using Tabular.ModelCache.Tests.Signing;
using Tabular.ModelCache.Verification;
using static Tabular.ModelCache.Tests.Fuzzing.InvariantException;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>The parsers of what lies in a bucket, and of what its interface answers.</summary>
internal static class BucketTargets
{
    // `openssl dgst -sha256 -sign test.key.pem` over the pre-authentication encoding of this manifest.
    private const string Signature = "MEQCIFlrKoGA+D0VnESTqZSTrZ6ik0485bAJfK1VeKZA6yc/AiBz8rfjPkhzWyDhqryzSKJOpbtQ8ZPOPDYWhQnadD/TZg==";
    private static readonly byte[] SignedManifest = """{"schemaVersion":1,"sequence":7,"writeId":"00","models":{}}"""u8.ToArray();
    private static readonly ManifestTrust Trust = new([VerificationKey.Parse(Vectors.PublicKey, "test")], null, true, 0, "ModelCache:Signing");
    private static readonly string First = Sha256Hex.Of("a"u8);
    private static readonly string Second = Sha256Hex.Of("b"u8);
    private static readonly string[] Words =
        [First, Second, First.ToUpperInvariant(), "ollama", "sbert", "demo", "../demo", "AAAAAQ==", "AAAAA", "1-a", $"demo-2025-11-14-{First[..12]}", "SHA256SUMS", ".done", "model.sig", "2025-13-01"];

    public static FuzzTarget Manifest { get; } = new(
        [ManifestJson.Serialize(new Manifest().With("demo", Entry(), "00").With("other", new ManifestEntry { Kind = "sbert" }, "01"))],
        ManifestJson.MaxBytes,
        bytes =>
        {
            var manifest = ManifestJson.Parse(bytes, "manifest.json");
            foreach (var version in manifest.Models.Values.SelectMany(m => m.Versions))
            {
                RequireSafePath(version.Path);
                foreach (var file in version.Files)
                {
                    RequireSafePath(file.Path);
                    Require(file.Size >= 0 && file.Sha256.Length == 64, "a size or digest is not one");
                }
            }

            var written = ManifestJson.Serialize(manifest);
            Require(written.AsSpan().SequenceEqual(ManifestJson.Serialize(ManifestJson.Parse(written, "again"))), "it does not survive being written");
            return true;
        },
        typeof(ModelCacheException))
    { Words = Words };

    public static FuzzTarget ManifestSignature { get; } = new(
        [SignatureOf(Vectors.Hint), SignatureOf("")],
        ManifestTrust.MostBytes,
        bytes => Trust.OpenAsync(SignedManifest, "manifest.json", (_, _) => Task.FromResult<byte[]?>(bytes), default).GetAwaiter().GetResult().Sequence == 7,
        typeof(ModelCacheException))
    { Words = [Vectors.Hint, Signature, "MAA=", "application/vnd.in-toto+json", "bm90aGluZw=="] };

    public static FuzzTarget Bundle { get; } = new(
        [Vectors.Bundle],
        ModelBundle.MostBytes,
        bytes =>
        {
            var bundle = ModelBundle.Parse(bytes);
            Require(bundle.Envelope.Signatures.Count == 1, "it has another number of signatures");
            var again = ModelBundle.Parse(bundle.Serialize());
            Require(again.Hint == bundle.Hint && again.Envelope.Payload.AsSpan().SequenceEqual(bundle.Envelope.Payload), "it does not survive being written");
            return true;
        },
        typeof(FormatException))
    { Words = [Vectors.Hint, "certificate", "x509CertificateChain", "rawBytes", "tlogEntries", "MAA=", "TUFB-_"] };

    public static FuzzTarget Statement { get; } = new(
        [ModelBundle.Parse(Vectors.Bundle).Envelope.Payload],
        ModelStatement.MostBytes,
        bytes =>
        {
            var statement = ModelStatement.Parse(bytes);
            foreach (var resource in statement.Resources)
            {
                RequireSafePath(resource.Name);
            }

            Require(ModelStatement.Parse(statement.Serialize()).SaysTheSame(statement), "it does not survive being written");
            return true;
        },
        typeof(FormatException))
    { Words = [First, "files", "shards", "sha256", "blake3", "../weights.bin", "weights.bin", "annotations", "ignore_paths"] };

    public static FuzzTarget Checksums { get; } = new(
        [ChecksumFile.Format([("blobs/a", First), ("manifests/m", Second)]), []],
        ChecksumFile.MaxBytes,
        bytes =>
        {
            if (ChecksumFile.TryParse(bytes, out var problem) is not { } files)
            {
                Require(problem is not null, "it does not say what is wrong");
                return false;
            }

            files.Keys.ToList().ForEach(RequireSafePath);
            var again = ChecksumFile.TryParse(ChecksumFile.Format(files.Select(f => (f.Key, f.Value))), out _);
            Require(again?.Count == files.Count && again.All(f => files[f.Key] == f.Value), "it does not survive being written");
            return true;
        })
    { IsJson = false, Words = [First, Second, First.ToUpperInvariant(), "  ", "blobs/a", ".done", "SHA256SUMS"] };

    public static FuzzTarget StagingRecord { get; } = new(
        [ManifestJson.SerializeRecord(new StagingRecord { Version = Version() })],
        ManifestJson.MaxBytes,
        bytes =>
        {
            if (ManifestJson.TryParseRecord(bytes)?.Version is not { } version || ManifestRules.FindProblem("demo", "ollama", version) is not null)
            {
                return false;
            }

            RequireSafePath(version.Path);
            version.Files.ToList().ForEach(f => RequireSafePath(f.Path));
            return true;
        })
    { Words = Words };

    public static FuzzTarget Receipt { get; } = new(
        [ManifestJson.SerializeFile(Version().Files[0] with { Size = 1 << 21, Regions = new FileRegions { Size = 1 << 20, Sha256 = [First, Second] } })],
        1 << 20,
        bytes => ManifestJson.TryParseFile(bytes) is not null)
    { Words = Words };

    public static FuzzTarget Lease { get; } = new(
        [JsonSerializer.SerializeToUtf8Bytes(new LeaseState("o", 7, "r", TimeSpan.FromSeconds(30), false, "host").ToMetadata())],
        8 << 10,
        bytes =>
        {
            if (TryReadMetadata(bytes) is not { } metadata)
            {
                return false;
            }

            var item = new StoredObject { Name = "lease", Generation = 1, Metageneration = 1, Size = 0, Crc32C = 0, Metadata = metadata };
            var state = LeaseState.Read(item, TimeSpan.FromSeconds(30));
            Require(state.Epoch >= 0 && state.Ttl > TimeSpan.Zero && state.Ttl <= LeaseTimings.LongestTtl, "it may block the others");
            foreach (var text in metadata.Values)
            {
                Require(Attempt.TryParse(text) is not { } attempt || attempt.ToString().Length > 0, "it is no attempt");
            }

            return true;
        })
    { Words = ["owner", "epoch", "ttlMs", "state", "held", "released", "9223372036854775807", "9223372036854775808", "-1", "0", "1-a"] };

    public static FuzzTarget Listing { get; } = new(
        [
            """{"nextPageToken":"t","items":[{"name":"p/a","generation":"1","metageneration":"2","size":"3","crc32c":"AAAAAQ==","metadata":{"a":"b"},"timeCreated":"2025-11-14T00:00:00Z","updated":"2025-11-14T00:00:00.123Z"}]}"""u8.ToArray(),
        ],
        4 << 20,
        bytes =>
        {
            var items = JsonSerializer.Deserialize(bytes, StorageJsonContext.Default.ObjectListResource)?.Items ?? [];
            foreach (var item in items)
            {
                Require(item?.ToStoredObject("p/") is null or { Generation: > 0, Metageneration: > 0, Size: >= 0 }, "its numbers are impossible");
            }

            return items.Count > 0;
        },
        typeof(JsonException),
        typeof(InvalidDataException))
    { Words = ["p/b", "q", "AAAAA", "12", "-1", "9223372036854775808", "2025-02-30T00:00:00Z"] };

    public static FuzzTarget StorageError { get; } = new(
        [
            """{"error":{"code":412,"message":"no","errors":[{"reason":"conditionNotMet","message":"no"}]}}"""u8.ToArray(),
            """{"error":{"code":404}}"""u8.ToArray(),
        ],
        StorageErrorBody.MaximumLength,
        bytes =>
        {
            var body = StorageErrorBody.Parse(bytes);
            Require(body.Message.Length <= 310 && !body.Message.Any(char.IsControl), "its message is not one short line");
            return body.Reason is not null || body.Message.Length == 0;
        })
    { Words = ["<Code>", "<Message>", "</", "<title>", "\\r\\n"] };

    private static byte[] SignatureOf(string hint) => SignedJson.Write(
        new DsseEnvelope("application/vnd.tabular.model-cache.manifest+json", SignedManifest, [new DsseSignature(Convert.FromBase64String(Signature), hint)]).Write);

    private static Dictionary<string, string>? TryReadMetadata(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(bytes);
        }
        catch (JsonException)
        {
            // Such metadata cannot reach it: the store's answer is refused.
            return null;
        }
    }

    private static ManifestVersion Version() => new()
    {
        Version = $"demo-2025-11-14-{First[..12]}",
        Path = $"ollama/demo-2025-11-14-{First[..12]}",
        Source = new ManifestSource { Uri = "ollama://demo", Digest = "sha256:" + Second },
        Checksums = First,
        Files =
        [
            new ManifestFile { Path = "blobs/a", Size = 1, Sha256 = Second, Crc32C = 1, Generation = 2 },
            new ManifestFile { Path = VersionFiles.Checksums, Size = 1, Sha256 = First, Crc32C = 1, Generation = 3 },
            new ManifestFile { Path = VersionFiles.Done, Size = 65, Sha256 = Second, Crc32C = 1, Generation = 4 },
        ],
    };

    private static ManifestEntry Entry() => new()
    {
        Kind = ModelKinds.Ollama,
        Attempt = "1-a",
        Active = Version().Version,
        Held = "sha256:" + First,
        Pins = [Version().Version],
        Doomed = [new DoomedVersion { Version = $"demo-2025-11-13-{First[..12]}", Path = $"ollama/demo-2025-11-13-{First[..12]}" }],
        Versions = [Version()],
    };
}
