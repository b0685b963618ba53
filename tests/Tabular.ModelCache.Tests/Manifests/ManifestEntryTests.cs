using System.Text.Json;
using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Tests.Manifests;

public sealed class ManifestEntryTests
{
    private static readonly ManifestVersion Healed = new() { Version = "c", Checksums = "1" };
    private static readonly ManifestVersion Other = new() { Version = "b", Checksums = "2" };
    private static readonly ManifestVersion Damaged = new() { Version = "a", Checksums = "1" };

    private static readonly ManifestEntry Entry = new()
    {
        Active = "b",
        Versions = [Healed, Other, Damaged],
        Doomed = [new DoomedVersion { Version = "d" }, new DoomedVersion { Version = "e" }],
    };

    [Fact]
    public void Find_NameOrNothing_IsTheVersionOrNothing()
    {
        Entry.Find("a").Should().BeSameAs(Damaged);
        Entry.Find("x").Should().BeNull();
        Entry.Find(null).Should().BeNull();
        Entry.ActiveVersion.Should().BeSameAs(Other);
        (Entry with { Active = null }).ActiveVersion.Should().BeNull();
    }

    [Fact]
    public void IsDoomed_Name_IsOfTheListAlone() => (Entry.IsDoomed("d"), Entry.IsDoomed("a")).Should().Be((true, false));

    [Fact]
    public void IsSuperseded_SameContentPublishedLater_IsTheDamagedOneAlone()
    {
        new[] { Healed, Other, Damaged }.Select(Entry.IsSuperseded).Should().Equal(false, false, true);
        Entry.LatestCopyOf(Damaged).Should().BeSameAs(Healed);
        Entry.LatestCopyOf(Healed).Should().BeSameAs(Healed);
    }

    [Fact]
    public void Same_EntriesOrNothing_ComparesUnknownMembersToo()
    {
        var unknown = new Dictionary<string, JsonElement> { ["x"] = JsonElement.Parse("1") };
        ManifestEntry.Same(Entry, Entry with { }).Should().BeTrue();
        ManifestEntry.Same(Entry, Entry with { Active = "a" }).Should().BeFalse();
        ManifestEntry.Same(Entry, Entry with { Unknown = unknown }).Should().BeFalse();
        ManifestEntry.Same(null, null).Should().BeTrue();
        ManifestEntry.Same(Entry, null).Should().BeFalse();
        ManifestEntry.Same(null, Entry).Should().BeFalse();
    }

    [Fact]
    public void SameContent_MadeAgain_IsAnother()
    {
        var version = new ManifestVersion { Version = "a", Files = [new ManifestFile { Path = "x", Generation = 1 }] };

        ManifestVersion.SameContent(version, version with { Bytes = 9 }).Should().BeTrue();
        ManifestVersion.SameContent(version, version with { Version = "b" }).Should().BeFalse();
        ManifestVersion.SameContent(version, version with { Files = [new ManifestFile { Path = "x", Generation = 2 }] }).Should().BeFalse();
    }

    [Fact]
    public void With_OtherModels_ReplacesOneOfThemAndCountsOn()
    {
        var manifest = new Manifest { Sequence = 4 }.With("b", Entry, "w1").With("a", Entry, "w2").With("b", Entry with { Active = null }, "w3");

        manifest.Models.Keys.Should().Equal("a", "b");
        manifest.Models["a"].Active.Should().Be("b");
        manifest.Models["b"].Active.Should().BeNull();
        (manifest.Sequence, manifest.WriteId).Should().Be((7, "w3"));
    }
}
