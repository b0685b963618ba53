using System.Globalization;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Fuzzing;

/// <summary>A version with as many files as one may have is accepted, and its documents are parsed within the memory that any input may take.</summary>
public sealed class LargestDocumentTests(ITestOutputHelper output)
{
    private const int MostFiles = 50_000;

    private static readonly string Digest = Sha256Hex.Of("a"u8);
    private static readonly (string Path, string Sha256)[] Files =
        [.. Enumerable.Range(0, MostFiles).Select(i => (string.Create(CultureInfo.InvariantCulture, $"blobs/part-{i % 100:D2}/file-{i:D6}.bin"), Digest))];

    [Fact]
    public void Checksums_MostFiles_AreParsedWithinTheMemory()
    {
        var bytes = ChecksumFile.Format(Files);

        Measure("SHA256SUMS", bytes, () => ChecksumFile.TryParse(bytes, out _)!.Count.Should().Be(MostFiles));
    }

    [Fact]
    public void Statement_MostFiles_IsParsedWithinTheMemory()
    {
        var bytes = ModelStatement.Create("model", new Dictionary<string, string>(), Files.Select(f => new SignedResource(f.Path, f.Sha256, 1)), []).Serialize();

        Measure("statement", bytes, () => ModelStatement.Parse(bytes).Resources.Should().HaveCount(MostFiles));
    }

    [Fact]
    public void Manifest_MostFiles_IsParsedWithinTheMemory()
    {
        var name = $"demo-2025-11-14-{Digest[..12]}";
        var version = new ManifestVersion
        {
            Version = name,
            Path = $"ollama/{name}",
            Source = new ManifestSource { Uri = "test://demo", Digest = "sha256:" + Digest },
            Checksums = Digest,
            Files =
            [
                .. Files.Select(f => new ManifestFile { Path = f.Path, Size = 1, Sha256 = f.Sha256, Crc32C = 1, Generation = 1_700_000_000_000_000 }),
                new ManifestFile { Path = VersionFiles.Checksums, Size = 1, Sha256 = Digest },
                new ManifestFile { Path = VersionFiles.Done, Size = 65, Sha256 = Digest },
            ],
        };
        var bytes = ManifestJson.Serialize(new Manifest().With("demo", new ManifestEntry { Kind = ModelKinds.Ollama, Active = name, Versions = [version] }, "00"));
        bytes.Length.Should().BeLessThanOrEqualTo(ManifestJson.MaxBytes);

        Measure("manifest", bytes, () => ManifestJson.Parse(bytes, "manifest.json").Models.Should().HaveCount(1));
    }

    private void Measure(string name, byte[] bytes, Action parse)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        parse();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        output.WriteLine($"{name}: {bytes.Length} bytes, {allocated} allocated");
        allocated.Should().BeLessThan(FuzzRun.MostBytes);
    }
}
