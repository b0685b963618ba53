using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>The changes of a model's entry, each as one flip makes it. Whatever stops being active is retired at that moment.</summary>
internal static class EntryChanges
{
    /// <summary>Puts a new version first, and makes it active or not.</summary>
    public static ManifestEntry Publish(ManifestEntry entry, ManifestVersion version, bool activates, string attempt, DateTimeOffset now) => entry with
    {
        Attempt = attempt,
        Active = activates ? version.Version : entry.Active,
        Versions =
        [
            version,
            .. entry.Versions
                .Where(v => v.Version != version.Version)
                .Select(v => activates && v.Version == entry.Active ? v with { RetiredAt = Retired(now) } : v),
        ],
    };

    /// <summary>
    /// Takes in a finished version that cannot be used as it is, so that it is pruned as any other: after its grace period, because whoever
    /// knows it from a manifest that is gone may still read it.
    /// </summary>
    public static ManifestEntry TakeIn(ManifestEntry entry, ManifestVersion version, DateTimeOffset now) =>
        entry.Find(version.Version) is null ? entry with { Versions = [.. entry.Versions, version with { RetiredAt = Retired(now) }] } : entry;

    /// <summary>Makes a kept version active by hand: no digest is held back any more.</summary>
    public static ManifestEntry Activate(ManifestEntry entry, ManifestVersion version, string attempt, DateTimeOffset now) =>
        Switch(entry, version, attempt, now) with { Held = null, HeldReason = null };

    /// <summary>Makes a kept version active, and holds back the digest that was active.</summary>
    public static ManifestEntry RollBack(ManifestEntry entry, ManifestVersion version, string? reason, string attempt, DateTimeOffset now)
    {
        var next = Switch(entry, version, attempt, now);

        // Between two copies of one content there is nothing to hold back.
        return entry.ActiveVersion is { } left && left.Source.Digest != version.Source.Digest
            ? next with { Held = left.Source.Digest, HeldReason = reason }
            : next;
    }

    public static ManifestEntry Pin(ManifestEntry entry, ManifestVersion version, string attempt) => entry with
    {
        Attempt = attempt,
        Pins = [.. entry.Pins, version.Version],
    };

    public static ManifestEntry Unpin(ManifestEntry entry, ManifestVersion version, string attempt) => entry with
    {
        Attempt = attempt,
        Pins = [.. entry.Pins.Where(p => p != version.Version)],
    };

    public static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    // Upwards, so that a grace period that counts from it is never shorter than it was set to.
    private static DateTimeOffset Retired(DateTimeOffset now) => WholeSeconds(now + TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));

    private static ManifestEntry Switch(ManifestEntry entry, ManifestVersion version, string attempt, DateTimeOffset now) => entry with
    {
        Attempt = attempt,
        Active = version.Version,
        Versions =
        [
            .. entry.Versions.Select(v =>
                v.Version == version.Version ? v with { RetiredAt = null } :
                v.Version == entry.Active ? v with { RetiredAt = Retired(now) } : v),
        ],
    };
}
