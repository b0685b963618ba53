using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>What is taken out of the staging folder of earlier attempts, and what is not.</summary>
public sealed class LeftoversTests
{
    private static readonly string Digest = new('4', 64);
    private static readonly StagingArea Area = new("demo", new Attempt(3, "a"));

    private readonly InMemoryObjectStore _store = new();

    [Fact]
    public void Names_OfAnArea_AreReadBack()
    {
        Area.Prefix.Should().Be(".tmp/demo/3-a/");
        Area.Record.Should().Be(".tmp/demo/3-a/version.json");
        Area.Receipt("x/y").Should().Be(".tmp/demo/3-a/receipts/x/y.json");
        Area.PathOf(Area.File("x/y")).Should().Be("x/y");
        Area.PathOf(Area.Record).Should().BeNull();
        Area.PathOf(Area.Receipt("x")).Should().BeNull();
        Area.PartOf(Area.Part(Digest, 8 << 20)).Should().Be((Digest, 8L << 20));
        StagingArea.Of("demo", Area.Record).Should().Be(Area);
        StagingArea.Of("demo", Area.Prefix).Should().Be(Area);
    }

    [Theory]
    [InlineData("other/3-a/version.json")]
    [InlineData(".tmp/other/3-a/version.json")]
    [InlineData(".tmp/demo/3-a")]
    [InlineData(".tmp/demo/x/version.json")]
    [InlineData(".tmp/demo//version.json")]
    public void Of_AnotherName_IsNoArea(string name) => StagingArea.Of("demo", name).Should().BeNull();

    [Fact]
    public void PartOf_AnotherName_IsNoPart()
    {
        Area.PartOf(Area.Join(Digest, 1, 0)).Should().BeNull();
        Area.PartOf(Area.Prefix + "parts/x/0").Should().BeNull();
        Area.PartOf(Area.Prefix + $"parts/{Digest}/-1").Should().BeNull();
        Area.PartOf(Area.Prefix + $"parts/{Digest}/0/0").Should().BeNull();
        Area.PartOf(Area.Prefix + $"files/{Digest}/0").Should().BeNull();
        Area.PartOf($".tmp/demo/4-b/parts/{Digest}/0").Should().BeNull();
    }

    [Fact]
    public async Task Read_OlderAttempts_SortsWhatCanBeUsed()
    {
        await WriteAsync(Area.File("verified"), [1], (StagedFiles.Sha256Key, Digest));
        await WriteAsync(Area.File("unverified"), [1]);
        await WriteAsync(Area.File("hostile"), [1], (StagedFiles.Sha256Key, "x"));
        await WriteAsync(Area.Part(Digest, 0), [1]);
        await WriteAsync(Area.Receipt("verified"), [1]);
        await WriteAsync(Area.Record, ManifestJson.SerializeRecord(new StagingRecord { Version = Version() }));

        var leftovers = await ReadAsync(epoch: 4);

        leftovers.Objects.Should().HaveCount(6);
        leftovers.Files.Should().ContainSingle().Which.Should().Match<KeyValuePair<string, (StagingArea Area, StoredObject Object)>>(
            f => f.Key == Digest && f.Value.Area == Area && f.Value.Object.Name == Area.File("verified"));
        leftovers.Parts.Keys.Should().Equal((Digest, 0L));
        leftovers.Versions.Should().ContainSingle().Which.Version.Should().Be(Version().Version);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Read_OwnOrLaterAttempt_IsLeftAlone(long epoch)
    {
        await WriteAsync(Area.Record, ManifestJson.SerializeRecord(new StagingRecord { Version = Version() }));
        await WriteAsync(".tmp/demo/rubbish", [1]);

        var leftovers = await ReadAsync(epoch);

        leftovers.Objects.Should().BeEmpty();
        leftovers.Versions.Should().BeEmpty();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    public async Task Read_RecordThatCannotBeUsed_CountsAsNothing(string json)
    {
        await WriteAsync(Area.Record, System.Text.Encoding.UTF8.GetBytes(json));

        var leftovers = await ReadAsync(epoch: 4);

        leftovers.Objects.Should().ContainSingle("it is removed with the others");
        leftovers.Versions.Should().BeEmpty();
    }

    [Fact]
    public async Task Read_RecordOfAnotherKind_CountsAsNothing()
    {
        await WriteAsync(Area.Record, ManifestJson.SerializeRecord(new StagingRecord { Version = Version() }));

        (await Leftovers.ReadAsync(_store, "demo", ModelKinds.Sbert, new Attempt(4, "b"), CancellationToken.None)).Versions.Should().BeEmpty();
    }

    private Task<Leftovers> ReadAsync(long epoch) =>
        Leftovers.ReadAsync(_store, "demo", ModelKinds.Ollama, new Attempt(epoch, "b"), CancellationToken.None);

    private Task<StoredObject> WriteAsync(string name, byte[] content, params (string Key, string Value)[] metadata) => _store.WriteBytesAsync(
        name, content, new ObjectWriteOptions { Metadata = metadata.ToDictionary(m => m.Key, m => m.Value) }, CancellationToken.None);

    private static ManifestVersion Version()
    {
        var name = $"demo-2026-01-02-{Digest[..12]}";
        return new ManifestVersion
        {
            Version = name,
            Path = $"ollama/{name}",
            Source = new ManifestSource { Uri = "dir:///x", Digest = "sha256:1" },
            Checksums = Digest,
            Files = [new ManifestFile { Path = "SHA256SUMS", Sha256 = Digest }, new ManifestFile { Path = ".done", Sha256 = Digest }],
        };
    }
}
