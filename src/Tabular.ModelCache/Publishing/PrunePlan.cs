using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>What is no longer needed of one model.</summary>
/// <param name="Expired">The kept versions that retention lets go of, oldest first.</param>
/// <param name="Unused">Versions that a dead run has made, in part or wholly, and nobody activated.</param>
/// <param name="Doomed">Versions whose deletion an earlier run has begun; their folders may be empty by now.</param>
/// <param name="Leftovers">Staged objects of older attempts.</param>
internal sealed record PrunePlan(
    IReadOnlyList<ManifestVersion> Expired,
    IReadOnlyList<ManifestVersion> Unused,
    IReadOnlyList<DoomedVersion> Doomed,
    IReadOnlyList<StoredObject> Leftovers)
{
    public static PrunePlan Empty { get; } = new([], [], [], []);

    /// <summary>The versions that this run dooms.</summary>
    public IReadOnlyList<ManifestVersion> Leaving => [.. Expired, .. Unused];
}
