using System.Text;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>What of a folder that a dead run has left is believed.</summary>
public sealed class AbandonedVersionTests
{
    private const string Folder = "ollama/demo-2026-01-02-444444444444";
    private static readonly byte[] A = "content of a"u8.ToArray();
    private static readonly byte[] B = "content of b"u8.ToArray();

    private readonly InMemoryObjectStore _store = new();

    [Fact]
    public void ExpectedChecksums_EveryDigestIsPromised_AreThoseOfTheFile()
    {
        AbandonedVersion.ExpectedChecksums(Resolution(Promise("a", A), Promise("b", B))).Should()
            .Be(Sha256Hex.Of(ChecksumFile.Format([("a", Sha256Hex.Of(A)), ("b", Sha256Hex.Of(B))])));
        AbandonedVersion.ExpectedChecksums(Resolution(Promise("a", A), new Promised("b", B.Length, null))).Should().BeNull();
    }

    [Fact]
    public async Task Read_FinishedFolder_IsCompleteWithTheGenerationsThatAreThere()
    {
        var record = await RecordAsync();
        await FinishAsync(record);

        var abandoned = await AbandonedVersion.ReadAsync(_store, record with { RetiredAt = DateTimeOffset.UnixEpoch }, default);

        abandoned.IsDone.Should().BeTrue();
        abandoned.Name.Should().Be(record.Version);
        abandoned.Complete!.RetiredAt.Should().BeNull();
        abandoned.Complete.Files.Select(f => f.Path).Should().Equal("a", "b", "SHA256SUMS", ".done");
        abandoned.Complete.Files.Should().AllSatisfy(f => f.Generation.Should().BePositive());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("SHA256SUMS")]
    [InlineData(".done")]
    public async Task Read_SomethingIsMissing_IsNotComplete(string missing)
    {
        var record = await RecordAsync();
        await FinishAsync(record);
        await _store.DeleteAsync($"{Folder}/{missing}");

        var abandoned = await AbandonedVersion.ReadAsync(_store, record, default);

        abandoned.Complete.Should().BeNull();
        abandoned.IsDone.Should().Be(missing != ".done");
    }

    [Fact]
    public async Task Read_DoneNamesOtherChecksums_IsNotDone()
    {
        var record = await RecordAsync();
        await FinishAsync(record);

        (await AbandonedVersion.ReadAsync(_store, record with { Checksums = new string('5', 64) }, default)).IsDone.Should().BeFalse();
    }

    [Fact]
    public async Task FindPromoted_SameFile_IsNotPulledAgainAndAnyOtherIs()
    {
        var record = await RecordAsync();
        var abandoned = await AbandonedVersion.ReadAsync(_store, record, default);

        abandoned.FindPromoted(Promise("a", A)).Should().BeEquivalentTo(record.Files[0] with { Generation = 0 });
        abandoned.FindPromoted(new Promised("a", A.Length, null)).Should().NotBeNull("its source promises no digest, and the record has one");
        abandoned.FindPromoted(Promise("a", B)).Should().BeNull("it must have another digest");
        abandoned.FindPromoted(new Promised("a", A.Length + 1, null)).Should().BeNull("it must have another size");
        abandoned.FindPromoted(Promise("c", A)).Should().BeNull("it is not in the record");
        abandoned.FindPromoted(new Promised("SHA256SUMS", 1, null)).Should().BeNull("markers are no payload");
    }

    [Theory]
    [InlineData("other bytes!")]
    [InlineData("fewer")]
    [InlineData(null)]
    public async Task FindPromoted_StoreHasSomethingElse_IsPulledAgain(string? content)
    {
        var record = await RecordAsync();
        await _store.DeleteAsync($"{Folder}/a");
        if (content is not null)
        {
            await WriteAsync("a", Encoding.ASCII.GetBytes(content));
        }

        (await AbandonedVersion.ReadAsync(_store, record, default)).FindPromoted(Promise("a", A)).Should().BeNull();
    }

    private async Task<ManifestVersion> RecordAsync()
    {
        var checksums = Sha256Hex.Of(ChecksumFile.Format([("a", Sha256Hex.Of(A)), ("b", Sha256Hex.Of(B))]));
        return new ManifestVersion
        {
            Version = "demo-2026-01-02-444444444444",
            Path = Folder,
            Checksums = checksums,
            Files = [await WriteAsync("a", A), await WriteAsync("b", B), new ManifestFile { Path = "SHA256SUMS", Size = 1 }, new ManifestFile { Path = ".done" }],
        };
    }

    private async Task FinishAsync(ManifestVersion record)
    {
        await WriteAsync("SHA256SUMS", [1]);
        await WriteAsync(".done", VersionFolder.DoneContent(record.Checksums));
    }

    private async Task<ManifestFile> WriteAsync(string path, byte[] content)
    {
        var item = await _store.WriteBytesAsync($"{Folder}/{path}", content, new ObjectWriteOptions(), CancellationToken.None);
        return new ManifestFile { Path = path, Size = item.Size, Sha256 = Sha256Hex.Of(content), Crc32C = item.Crc32C, Generation = item.Generation };
    }

    private static ModelResolution Resolution(params SourceFile[] files) => new() { Digest = "sha256:1", Files = files };

    private static Promised Promise(string path, byte[] content) => new(path, content.Length, Sha256Hex.Of(content));

    private sealed class Promised : SourceFile
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Promised(string path, long size, string? sha256) => (Path, Size, Sha256) = (path, size, sha256);

        public override Task<Stream> OpenReadAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException();
    }
}
