using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>An active version that is to be published again.</summary>
/// <param name="Version">The version.</param>
/// <param name="Problem">What is missing or different, without a full stop.</param>
/// <param name="IsIntact">Whether its files are as they were published, and only its signature is wanting.</param>
internal sealed record DamagedVersion(ManifestVersion Version, string Problem, bool IsIntact = false);
