using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Signing;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Startup;

/// <summary>The store behind the cache, as far as there is one.</summary>
/// <param name="Store">
/// <see langword="null"/> for a shared volume without a bucket: what the mount shows is read, and nothing is written.
/// </param>
/// <param name="LeaseStore">The same store for lease traffic: nothing is repeated below the lease, and no upload stands in its way.</param>
/// <param name="Trust">How manifests are signed and verified; nothing is without it.</param>
internal sealed record ModelCachePlaces(IObjectStore? Store, IObjectStore? LeaseStore, ManifestTrust? Trust = null)
{
    public ManifestStore? Manifests { get; } = Store is null ? null : new ManifestStore(Store, Trust);
}
