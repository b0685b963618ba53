using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Testing;
using Tabular.ModelCache.Tests.Support;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>Which folder of a dead run is gone on with.</summary>
public sealed class AbandonedVersionsTests : IAsyncLifetime
{
    private const string Yesterday = "demo-2026-01-01-";
    private const string Today = "demo-2026-01-02-";

    private readonly InMemoryObjectStore _inner = new();
    private readonly FaultInjectingObjectStore _store;
    private readonly TestSource _source = new(("blobs/a", "one"), ("blobs/b", "two"));
    private readonly TestCache _cache;
    private Lease _lease = null!;
    private ModelResolution _resolution = null!;
    private Leftovers _leftovers = null!;

    public AbandonedVersionsTests()
    {
        _store = new FaultInjectingObjectStore(_inner);
        _cache = new TestCache(_inner, _source);
    }

    private string Checksums => AbandonedVersion.ExpectedChecksums(_resolution)!;

    private string Suffix => Checksums[..12];

    public async ValueTask InitializeAsync()
    {
        _lease = await _cache.AcquireAsync();
        _resolution = await _source.ResolveAsync(_cache.Wanted.ToRequest());
        _leftovers = await Leftovers.ReadAsync(_inner, TestCache.Model, ModelKinds.Ollama, _lease.Attempt, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _lease.DisposeAsync();
        await _cache.DisposeAsync();
    }

    [Fact]
    public async Task Find_NothingWasLeft_IsNothing()
    {
        (await FindAsync()).Should().BeNull();
        _store.GetSnapshot().Should().ContainSingle("folders are looked for by their name").Which.Name.Should().Be("ollama/demo-");
    }

    [Fact]
    public async Task Find_SourcePromisesNoDigests_DoesNotLookForNames()
    {
        await WriteFolderAsync(Today + Suffix);
        _source.PromisesDigests = false;
        _resolution = await _source.ResolveAsync(_cache.Wanted.ToRequest());

        (await FindAsync()).Should().BeNull();
        _store.GetSnapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task Find_SeveralRecords_GoesOnWithTheLast()
    {
        _leftovers.Versions.AddRange([Record(Yesterday + Suffix), Record(Today + Suffix)]);

        (await FindAsync())!.Name.Should().Be(Today + Suffix);
    }

    [Fact]
    public async Task Find_RecordOfAnotherStateOfTheSource_IsNotGoneOnWith()
    {
        _leftovers.Versions.AddRange([
            Record(Yesterday + Suffix) with { Source = new ManifestSource { Digest = "sha256:other" } },
            Record(Yesterday + Suffix) with { Checksums = new string('5', 64) },
        ]);

        (await FindAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Find_SourcePromisesNoDigests_TrustsTheRecordOfItsState()
    {
        _source.PromisesDigests = false;
        _resolution = await _source.ResolveAsync(_cache.Wanted.ToRequest());
        _leftovers.Versions.Add(Record(Today + new string('5', 12)) with { Checksums = new string('5', 64) });

        (await FindAsync())!.Name.Should().Be(Today + new string('5', 12));
    }

    [Theory]
    [InlineData("being deleted")]
    [InlineData("damaged")]
    [InlineData("superseded")]
    public async Task Find_MayNotBeAdopted_IsPassedOver(string why)
    {
        var name = Today + Suffix;
        await WriteFolderAsync(name);
        _leftovers.Versions.Add(Record(name));
        var entry = new ManifestEntry();
        var damaged = (DamagedVersion?)null;
        switch (why)
        {
            case "being deleted":
                entry = entry with { Doomed = [new DoomedVersion { Version = name }] };
                break;
            case "damaged":
                damaged = new DamagedVersion(Record(name), "damaged");
                break;
            default:
                entry = entry with { Versions = [Record(Today[..^1] + "-2"), Record(name)] };
                break;
        }

        (await FindAsync(entry, damaged)).Should().BeNull();

        await WriteFolderAsync(Yesterday + Suffix);
        (await FindAsync(entry, damaged))!.Name.Should().Be(Yesterday + Suffix, "another folder with the same content may be");
    }

    [Fact]
    public async Task Find_KeptAndTheLatestCopy_MayBeAdopted()
    {
        _leftovers.Versions.Add(Record(Today + Suffix));

        (await FindAsync(new ManifestEntry { Versions = [Record(Today + Suffix), Record(Yesterday + Suffix)] }))!.Name.Should().Be(Today + Suffix);
    }

    [Fact]
    public async Task Find_FolderOfTheRightName_IsReadFromWhatIsThere()
    {
        await WriteFolderAsync(Today + Suffix);

        var found = await FindAsync();

        found!.Name.Should().Be(Today + Suffix);
        found.Complete.Should().BeEquivalentTo(new
        {
            Version = Today + Suffix,
            Path = "ollama/" + Today + Suffix,
            Checksums,
            Bytes = 6L,
            Source = new ManifestSource { Uri = "test://demo", Digest = _resolution.Digest },
            CreatedAt = (await _inner.GetAsync($"ollama/{Today}{Suffix}/.done"))!.Created,
        });
        found.Complete!.Files.Select(f => f.Path).Should().Equal("blobs/a", "blobs/b", "SHA256SUMS", ".done");
    }

    [Theory]
    [InlineData("demo-2026-01-02-555555555555/.done")]
    [InlineData("demo-2026-01-02/.done")]
    [InlineData("demo-x-2026-01-02-{0}/.done")]
    [InlineData("demo-2026-01-02-{0}/.done/more")]
    [InlineData("demo-2026-01-02-{0}/sub/.done")]
    [InlineData("demo-2026-01-02-{0}/SHA256SUMS")]
    [InlineData("demo-2026-01-02-{0}")]
    public async Task Find_AnotherName_IsNoFolderOfThisContent(string name)
    {
        await _inner.WriteAsync("ollama/" + name.Replace("{0}", Suffix, StringComparison.Ordinal), new MemoryStream());

        (await FindAsync()).Should().BeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("longer")]
    public async Task Find_FolderOfTheRightNameHasAnotherFile_IsNotBelieved(string? content)
    {
        await WriteFolderAsync(Today + Suffix);
        await (content is null
            ? _inner.DeleteAsync($"ollama/{Today}{Suffix}/blobs/b")
            : _inner.WriteAsync($"ollama/{Today}{Suffix}/blobs/b", new MemoryStream(System.Text.Encoding.ASCII.GetBytes(content))));

        (await FindAsync()).Should().BeNull();
    }

    private Task<AbandonedVersion?> FindAsync(ManifestEntry? entry = null, DamagedVersion? damaged = null)
    {
        _store.GetSnapshot(clear: true);
        return new AbandonedVersions(_store).FindAsync(
            new PublishRun(_cache.Wanted, _lease, new TestCache.NoProgress(), _leftovers, damaged), entry, _resolution, CancellationToken.None);
    }

    private ManifestVersion Record(string name) => new()
    {
        Version = name,
        Path = "ollama/" + name,
        Checksums = AbandonedVersion.ExpectedChecksums(_resolution) ?? "",
        Source = new ManifestSource { Uri = "test://demo", Digest = _resolution.Digest },
    };

    private async Task WriteFolderAsync(string name)
    {
        foreach (var file in _resolution.Files)
        {
            await using var content = await file.OpenReadAsync();
            await _inner.WriteAsync($"ollama/{name}/{file.Path}", content);
        }

        var files = _resolution.Files.Select(f => (f.Path, f.Sha256!));
        await _inner.WriteAsync($"ollama/{name}/SHA256SUMS", new MemoryStream(ChecksumFile.Format(files)));
        await _inner.WriteAsync($"ollama/{name}/.done", new MemoryStream(VersionFolder.DoneContent(Checksums)));
    }
}
