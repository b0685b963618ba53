using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;

namespace Tabular.ModelCache.Tests.Publishing;

public sealed class EntryChangesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly DateTimeOffset Retired = new(2026, 1, 2, 3, 4, 6, TimeSpan.Zero);
    private static readonly DateTimeOffset Before = Retired.AddDays(-1);

    private static readonly ManifestVersion Active = new() { Version = "b", Source = new() { Digest = "d2" } };
    private static readonly ManifestVersion Older = new() { Version = "a", Source = new() { Digest = "d1" }, RetiredAt = Before };
    private static readonly ManifestVersion New = new() { Version = "c", Source = new() { Digest = "d3" } };

    private static readonly ManifestEntry Entry = new() { Active = "b", Attempt = "1-x", Versions = [Active, Older], Pins = ["a"], Held = "d9", HeldReason = "why" };

    [Fact]
    public void Publish_Activating_RetiresWhatWasActiveAndNothingElse()
    {
        var next = EntryChanges.Publish(Entry, New, activates: true, "2-y", Now);

        next.Should().BeEquivalentTo(Entry with { Attempt = "2-y", Active = "c", Versions = [New, Active with { RetiredAt = Retired }, Older] });
    }

    [Fact]
    public void Publish_NotActivating_LeavesWhatIsActive() =>
        EntryChanges.Publish(Entry, New, activates: false, "2-y", Now).Should()
            .BeEquivalentTo(Entry with { Attempt = "2-y", Versions = [New, Active, Older] });

    [Fact]
    public void Publish_SameNameAgain_ReplacesIt() =>
        EntryChanges.Publish(Entry, Older with { Bytes = 9 }, activates: false, "2-y", Now).Versions.Should()
            .BeEquivalentTo([Older with { Bytes = 9 }, Active], o => o.WithStrictOrdering());

    [Fact]
    public void TakeIn_UnknownVersion_GoesLastAndIsRetired()
    {
        EntryChanges.TakeIn(Entry, New, Now).Should().BeEquivalentTo(Entry with { Versions = [Active, Older, New with { RetiredAt = Retired }] });
        EntryChanges.TakeIn(Entry, Older, Now).Should().BeSameAs(Entry);
    }

    [Fact]
    public void Activate_KeptVersion_HoldsNothingBackAnyMore() =>
        EntryChanges.Activate(Entry, Older, "2-y", Now).Should().BeEquivalentTo(Entry with
        {
            Attempt = "2-y",
            Active = "a",
            Held = null,
            HeldReason = null,
            Versions = [Active with { RetiredAt = Retired }, Older with { RetiredAt = null }],
        });

    [Fact]
    public void RollBack_KeptVersion_HoldsBackTheDigestThatWasActive()
    {
        var next = EntryChanges.RollBack(Entry, Older, "worse", "2-y", Now);

        (next.Active, next.Held, next.HeldReason, next.Attempt).Should().Be(("a", "d2", "worse", "2-y"));
        next.Versions.Select(v => v.RetiredAt).Should().Equal(Retired, null);
    }

    [Fact]
    public void RollBack_CopyOfTheSameContent_HoldsBackNothingNew()
    {
        var copy = Older with { Source = Active.Source };

        var next = EntryChanges.RollBack(Entry with { Versions = [Active, copy] }, copy, "worse", "2-y", Now);

        (next.Active, next.Held, next.HeldReason).Should().Be(("a", "d9", "why"));
    }

    [Fact]
    public void RollBack_NothingIsActive_HoldsBackNothingNew() =>
        EntryChanges.RollBack(Entry with { Active = null }, Older, "worse", "2-y", Now).Held.Should().Be("d9");

    [Fact]
    public void PinAndUnpin_Version_ChangeThePinsAlone()
    {
        EntryChanges.Pin(Entry, Active, "2-y").Should().BeEquivalentTo(Entry with { Attempt = "2-y", Pins = ["a", "b"] });
        EntryChanges.Unpin(Entry with { Pins = ["b", "a"] }, Older, "2-y").Should().BeEquivalentTo(Entry with { Attempt = "2-y", Pins = ["b"] });
    }
}
