using System.Globalization;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Manifests;

public sealed class ManifestRulesTests
{
    private const string Model = "demo";
    private static readonly string Digest = new('4', 64);
    private static readonly string Name = $"{Model}-2026-01-02-{Digest[..12]}";

    private static readonly ManifestVersion Version = new()
    {
        Version = Name,
        Path = $"ollama/{Name}",
        Source = new ManifestSource { Uri = "dir:///x", Digest = "sha256:1" },
        Checksums = Digest,
        Files =
        [
            new ManifestFile { Path = "a", Size = 3 << 20, Sha256 = Digest },
            new ManifestFile { Path = "SHA256SUMS", Sha256 = Digest },
            new ManifestFile { Path = ".done", Sha256 = Digest },
        ],
    };

    private static readonly ManifestEntry Entry = new() { Kind = ModelKinds.Ollama, Active = Name, Versions = [Version] };
    private static readonly Manifest Valid = new() { Models = new Dictionary<string, ManifestEntry> { [Model] = Entry } };
    private static readonly string LongestText = new('x', 1024);

    /// <summary>What is just allowed, and what is just not, with a part of the message.</summary>
    private static readonly (string What, Func<Manifest> Create, string? Problem)[] All =
    [
        ("valid", () => Valid, null),
        ("sequence 0", () => Valid with { Sequence = 0 }, null),
        ("sequence below 0", () => Valid with { Sequence = -1 }, "sequence is -1"),
        ("last sequence that can rise", () => Valid with { Sequence = long.MaxValue - 1 }, null),
        ("sequence that cannot rise", () => Valid with { Sequence = long.MaxValue }, "sequence is"),
        ("newer schema", () => Valid with { SchemaVersion = 2 }, "update the package"),
        ("older schema", () => Valid with { SchemaVersion = 0 }, "expected is 1"),
        ("1000 models", () => WithModels(1000), null),
        ("1001 models", () => WithModels(1001), "has 1001 models"),
        ("a model that is no name", () => Valid with { Models = new Dictionary<string, ManifestEntry> { ["../x"] = Entry } }, "name is not valid"),
        ("a model that is null", () => Valid with { Models = new Dictionary<string, ManifestEntry> { [Model] = null! } }, "it is null"),
        ("no pins", () => With(Entry with { Pins = null! }), "it is null"),
        ("no doomed", () => With(Entry with { Doomed = null! }), "it is null"),
        ("no versions", () => With(Entry with { Versions = null! }), "it is null"),
        ("longest attempt", () => With(Entry with { Attempt = LongestText }), null),
        ("attempt too long", () => With(Entry with { Attempt = LongestText + "x" }), "larger than any real one"),
        ("longest held", () => With(Entry with { Held = LongestText, HeldReason = LongestText }), null),
        ("held too long", () => With(Entry with { Held = LongestText + "x" }), "larger than any real one"),
        ("reason too long", () => With(Entry with { HeldReason = LongestText + "x" }), "larger than any real one"),
        ("10,001 versions", () => With(Entry with { Versions = [.. Enumerable.Repeat(Version, 10_001)] }), "larger than any real one"),
        ("10,000 times the same version", () => With(Entry with { Versions = [.. Enumerable.Repeat(Version, 10_000)] }), "occurs twice"),
        ("10,000 doomed", () => With(Entry with { Doomed = [.. Doom(10_000)] }), null),
        ("10,001 doomed", () => With(Entry with { Doomed = [.. Doom(10_001)] }), "larger than any real one"),
        ("a doomed null", () => With(Entry with { Doomed = [null!] }), "doomed version"),
        ("a doomed name of another model", () => With(Entry with { Doomed = [new DoomedVersion { Version = "x", Path = "ollama/x" }] }), "doomed version"),
        ("a doomed path of another kind", () => With(Entry with { Doomed = [Doom(1).Single() with { Path = "sbert/x" }] }), "doomed version"),
        ("doomed and kept", () => With(Entry with { Doomed = [new DoomedVersion { Version = Name, Path = Version.Path }] }), "is kept as well"),
        ("nothing active", () => With(Entry with { Active = null }), null),
        ("active is not there", () => With(Entry with { Active = "other" }), "active version 'other'"),
        ("pinned", () => With(Entry with { Pins = [Name] }), null),
        ("a pin that is not there", () => With(Entry with { Pins = [Name, "other"] }), "pin 'other'"),
        ("a version that is null", () => With(Entry with { Active = null, Versions = [null!] }), "a version is null"),
        ("a version without source", () => With(Version with { Source = null! }), "a version is null"),
        ("a version without files", () => With(Version with { Files = null! }), "a version is null"),
        ("a version of another model", () => With(Version with { Version = "other-2026-01-02-444444444444" }), "is not named demo-"),
        ("a path of another kind", () => With(Version with { Path = $"sbert/{Name}" }), "another path"),
        ("checksums that are no digest", () => With(Version with { Checksums = Digest[1..] }), "not named for its checksums"),
        ("checksums of another version", () => With(Version with { Checksums = new('5', 64) }), "not named for its checksums"),
        ("no bytes", () => With(Version with { Bytes = 0 }), null),
        ("bytes below 0", () => With(Version with { Bytes = -1 }), "size or source"),
        ("longest source", () => With(Version with { Source = new() { Uri = LongestText, Digest = LongestText } }), null),
        ("source too long", () => With(Version with { Source = Version.Source with { Uri = LongestText + "x" } }), "size or source"),
        ("digest too long", () => With(Version with { Source = Version.Source with { Digest = LongestText + "x" } }), "size or source"),
        ("no digest", () => With(Version with { Source = Version.Source with { Digest = "" } }), "size or source"),
        ("most files", () => With(Version with { Files = [.. Version.Files, .. Files(50_010 - 3)] }), null),
        ("too many files", () => With(Version with { Files = [.. Version.Files, .. Files(50_011 - 3)] }), "50011 files; allowed are 50010"),
        ("a file that is null", () => With(Version with { Files = [.. Version.Files, null!] }), "4 files; allowed"),
        ("a digest in upper case", () => With(File(f => f with { Sha256 = new('A', 64) })), "the sha256 of 'a'"),
        ("three regions", () => With(Regions(1 << 20, 3)), null),
        ("one region", () => With(Regions(3 << 20, 1)), null),
        ("one region too few", () => With(Regions(1 << 20, 2)), "do not add up"),
        ("one region too many", () => With(Regions(1 << 20, 4)), "do not add up"),
        ("regions too small", () => With(Regions((1 << 20) - 1, 4)), "do not add up"),
        ("no digests of regions", () => With(File(f => f with { Regions = new() { Size = 1 << 20, Sha256 = null! } })), "do not add up"),
        ("a bad digest of a region", () => With(File(f => f with { Regions = new() { Size = 3 << 20, Sha256 = ["x"] } })), "do not add up"),
        ("no checksum file", () => With(Version with { Files = [Version.Files[0], Version.Files[2]] }), "does not list SHA256SUMS"),
        ("another checksum file", () => With(Version with { Files = [Version.Files[1] with { Sha256 = new('5', 64) }, Version.Files[2]] }), "does not list SHA256SUMS"),
        ("no marker", () => With(Version with { Files = [Version.Files[1]] }), "does not list SHA256SUMS"),
    ];

    public static TheoryData<string> Cases => [.. All.Select(c => c.What)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void FindProblem_JustAllowedOrJustNot_SaysSo(string what)
    {
        var (_, create, problem) = All.Single(c => c.What == what);

        var found = ManifestRules.FindProblem(create());

        if (problem is null)
        {
            found.Should().BeNull(what);
        }
        else
        {
            found.Should().Contain(problem, what);
        }
    }

    [Fact]
    public void FindProblem_Nothing_IsEmpty() => ManifestRules.FindProblem(null).Should().Be("it is empty");

    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(1, 4, 1)]
    [InlineData(4, 4, 1)]
    [InlineData(5, 4, 2)]
    [InlineData(8, 4, 2)]
    [InlineData(long.MaxValue, 1 << 20, 8_796_093_022_208)]
    public void CountFor_AnySizes_CountsAPartAsAWhole(long file, long region, long expected) => FileRegions.CountFor(file, region).Should().Be(expected);

    private static Manifest With(ManifestEntry entry) => Valid with { Models = new Dictionary<string, ManifestEntry> { [Model] = entry } };

    private static Manifest With(ManifestVersion version) => With(Entry with { Active = null, Versions = [version] });

    private static Manifest WithModels(int count) => Valid with
    {
        Models = Enumerable.Range(0, count).ToDictionary(i => string.Create(CultureInfo.InvariantCulture, $"m{i}"), _ => new ManifestEntry { Kind = ModelKinds.Sbert }),
    };

    private static ManifestVersion File(Func<ManifestFile, ManifestFile> change) =>
        Version with { Files = [change(Version.Files[0]), Version.Files[1], Version.Files[2]] };

    private static ManifestVersion Regions(long size, int count) =>
        File(f => f with { Regions = new FileRegions { Size = size, Sha256 = [.. Enumerable.Repeat(Digest, count)] } });

    private static IEnumerable<ManifestFile> Files(int count) =>
        Enumerable.Range(0, count).Select(i => new ManifestFile { Path = string.Create(CultureInfo.InvariantCulture, $"f{i}"), Sha256 = Digest });

    private static IEnumerable<DoomedVersion> Doom(int count) => Enumerable.Range(0, count).Select(i =>
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Model}-2026-01-02-{i:x12}");
        return new DoomedVersion { Version = name, Path = $"ollama/{name}" };
    });
}
