using Tabular.ModelCache.Manifests;

namespace Tabular.ModelCache.Publishing;

/// <summary>An active version whose objects are not those that were published.</summary>
/// <param name="Version">The version.</param>
/// <param name="Problem">What is missing or different, without a full stop.</param>
internal sealed record DamagedVersion(ManifestVersion Version, string Problem);
