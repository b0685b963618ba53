using System.Globalization;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Leases;

/// <summary>What the metadata of a lease object say. Written by any process, so nothing of it is trusted beyond its range.</summary>
/// <param name="Owner">Random per acquisition.</param>
/// <param name="Epoch">Rises with each acquisition.</param>
/// <param name="RenewId">Random per renewal.</param>
/// <param name="Ttl">How long the holder may go without a renewal.</param>
/// <param name="IsReleased">Whether the holder gave it back.</param>
/// <param name="Host">For people: where the holder runs.</param>
internal sealed record LeaseState(string Owner, long Epoch, string RenewId, TimeSpan Ttl, bool IsReleased, string Host)
{
    public const string OwnerKey = "owner";
    public const string EpochKey = "epoch";
    public const string RenewIdKey = "renewId";
    public const string TtlKey = "ttlMs";
    public const string StateKey = "state";
    public const string HostKey = "host";

    private const string Held = "held";
    private const string Released = "released";

    public static LeaseState Read(StoredObject lease, TimeSpan defaultTtl)
    {
        string Get(string key) => lease.Metadata.GetValueOrDefault(key) ?? "";
        var epoch = long.TryParse(Get(EpochKey), NumberStyles.None, CultureInfo.InvariantCulture, out var e) ? e : 0;
        var ttl = long.TryParse(Get(TtlKey), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms > 0
            ? TimeSpan.FromMilliseconds(Math.Min(ms, (long)LeaseTimings.LongestTtl.TotalMilliseconds))
            : defaultTtl;
        return new LeaseState(Get(OwnerKey), epoch, Get(RenewIdKey), ttl, Get(StateKey) == Released, Get(HostKey));
    }

    public Dictionary<string, string> ToMetadata() => new(StringComparer.Ordinal)
    {
        [OwnerKey] = Owner,
        [EpochKey] = Epoch.ToString(CultureInfo.InvariantCulture),
        [RenewIdKey] = RenewId,
        [TtlKey] = ((long)Ttl.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        [StateKey] = IsReleased ? Released : Held,
        [HostKey] = Host,
    };

    public static Dictionary<string, string?> Renewal(string renewId) => new(StringComparer.Ordinal) { [RenewIdKey] = renewId };

    public static Dictionary<string, string?> Release() => new(StringComparer.Ordinal) { [StateKey] = Released };
}
