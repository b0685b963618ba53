using Microsoft.Extensions.Logging.Abstractions;
using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Publishing;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.Tests.Publishing;

/// <summary>Which versions retention lets go of.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 20, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    [Fact]
    public void FindExpired_MoreThanAreKept_AreTheOldestFirst() =>
        Expired(Entry("e", V("e"), V("d"), V("c"), V("b"), V("a")), keep: 3).Should().Equal("a", "b");

    [Fact]
    public void FindExpired_AsManyAsAreKept_AreNone() => Expired(Entry("c", V("c"), V("b"), V("a")), keep: 3).Should().BeEmpty();

    [Fact]
    public void FindExpired_ActiveAndPinned_AreNeverAmongThem() =>
        Expired(Entry("a", V("d"), V("c"), V("b"), V("a")) with { Pins = ["b"] }, keep: 1).Should().Equal("c");

    [Fact]
    public void FindExpired_WithinItsGracePeriod_IsKeptToTheLastMoment()
    {
        var entry = Entry("c", V("c"), V("b", Now - Grace + TimeSpan.FromTicks(1)), V("a", Now - Grace));

        Expired(entry, keep: 1).Should().Equal("a");
    }

    [Fact]
    public void FindExpired_NeverActive_HasNoGracePeriod() => Expired(Entry("b", V("b"), V("a") with { RetiredAt = null }), keep: 1).Should().Equal("a");

    [Fact]
    public void FindExpired_WhatTheSourceIsAt_IsKept()
    {
        var entry = Entry("c", V("c"), V("b") with { Source = new() { Digest = "sha256:1" } }, V("a"));

        Expired(entry, keep: 1, source: "sha256:1").Should().Equal("a");
        Expired(entry, keep: 1, source: "sha256:2").Should().Equal("a", "b");
    }

    [Fact]
    public void FindExpired_DamagedOneThatWasPublishedAgain_DoesNotCountAndGoesAfterItsGrace()
    {
        var entry = Entry("c", V("c", content: "x"), V("b"), V("a", content: "x"));

        Expired(entry, keep: 2).Should().Equal("a");
        Expired(Entry("c", V("c", content: "x"), V("b", content: "x"), V("a")), keep: 2).Should().Equal("b");
    }

    [Fact]
    public void FindExpired_CopyOfAPinnedVersion_IsKept() =>
        Expired(Entry("d", V("d"), V("c", content: "x"), V("b"), V("a", content: "x")) with { Pins = ["a"] }, keep: 1).Should().Equal("b");

    [Fact]
    public async Task Plan_WhatADeadRunMade_IsUnusedOnceUnlessItIsKeptOrBeingDeleted()
    {
        var pruner = Pruner(keep: 1);
        var doomed = new DoomedVersion { Version = "doomed" };
        var entry = Entry("b", V("b"), V("a")) with { Doomed = [doomed] };
        var leftovers = await LeftoversAsync();
        leftovers.Versions.AddRange([V("dead"), V("dead"), V("b"), V("doomed")]);

        var plan = pruner.Plan(entry, Now, null, leftovers);

        plan.Expired.Select(v => v.Version).Should().Equal("a");
        plan.Unused.Select(v => v.Version).Should().Equal("dead");
        plan.Leaving.Select(v => v.Version).Should().Equal("a", "dead");
        plan.Doomed.Should().Equal(doomed);
        pruner.Plan(null, Now, null, leftovers).Should().BeSameAs(PrunePlan.Empty);
    }

    private static IEnumerable<string> Expired(ManifestEntry entry, int keep, string? source = null) =>
        Pruner(keep).FindExpired(entry, Now, source).Select(v => v.Version);

    private static VersionPruner Pruner(int keep)
    {
        var store = new InMemoryObjectStore();
        return new VersionPruner(
            store,
            new ManifestFlipper(new ManifestStore(store), TimeProvider.System, new Random(1), NullLogger.Instance),
            new RetentionOptions { Keep = keep, GracePeriod = Grace },
            NullLogger<VersionPruner>.Instance);
    }

    private static Task<Leftovers> LeftoversAsync() =>
        Leftovers.ReadAsync(new InMemoryObjectStore(), "demo", ModelKinds.Ollama, new Attempt(1, "x"), CancellationToken.None);

    private static ManifestEntry Entry(string active, params ManifestVersion[] versions) => new() { Active = active, Versions = versions };

    private static ManifestVersion V(string version, DateTimeOffset? retiredAt = null, string? content = null) => new()
    {
        Version = version,
        Checksums = content ?? version,
        Source = new ManifestSource { Digest = $"sha256:{version}" },
        RetiredAt = retiredAt ?? Now.AddYears(-1),
    };
}
