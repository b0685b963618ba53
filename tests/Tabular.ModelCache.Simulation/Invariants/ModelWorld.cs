using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Simulation.Invariants;

/// <summary>What is known, by watching the bucket, about one model.</summary>
internal sealed class ModelWorld(string name, string kind)
{
    public string Name { get; } = name;

    public string Kind { get; } = kind;

    /// <summary>Gets or sets who wrote the lease object last, whether or not it has released it.</summary>
    public AttemptRecord? Holder { get; set; }

    public long LeaseChangedAt { get; set; }

    public long HighestEpoch { get; set; }

    /// <summary>Gets all acquisitions, by the lease object's generation.</summary>
    public Dictionary<long, AttemptRecord> Attempts { get; } = [];

    public ManifestEntry? Entry { get; set; }

    /// <summary>Gets what was active, and since when.</summary>
    public List<(long Since, string? Version)> Active { get; } = [];

    public Dictionary<string, int> AutomaticActivations { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets every version that was ever in the manifest.</summary>
    public Dictionary<string, ManifestVersion> Published { get; } = new(StringComparer.Ordinal);

    public HashSet<string> EverDoomed { get; } = new(StringComparer.Ordinal);

    public AttemptRecord? FindAttempt(string? attempt) => Attempts.Values.FirstOrDefault(a => a.Attempt.ToString() == attempt);

    /// <summary>Whether a version was active at any time since then.</summary>
    public bool WasActiveSince(string version, long since)
    {
        for (var i = Active.Count - 1; i >= 0; i--)
        {
            if (Active[i].Version == version)
            {
                return true;
            }

            if (Active[i].Since <= since)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>When a version that is not active now stopped being so; <see langword="null"/> when it never was.</summary>
    public long? LastActiveUntil(string version)
    {
        for (var i = Active.Count - 1; i > 0; i--)
        {
            if (Active[i - 1].Version == version)
            {
                return Active[i].Since;
            }
        }

        return null;
    }
}
