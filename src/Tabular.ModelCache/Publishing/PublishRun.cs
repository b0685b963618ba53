using Tabular.ModelCache.Leases;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Publishing;

/// <summary>What stays the same while one model is published under one lease.</summary>
/// <param name="Model">What is wanted.</param>
/// <param name="Lease">The lease of the model.</param>
/// <param name="Progress">Who is told how far it is.</param>
/// <param name="Leftovers">What older attempts left.</param>
/// <param name="Damaged">The active version, when it has to be published again.</param>
internal sealed record PublishRun(WantedModel Model, Lease Lease, IPublishProgress Progress, Leftovers Leftovers, DamagedVersion? Damaged)
{
    /// <summary>Whether a state of the source is that of the damaged version, so that publishing it heals.</summary>
    public bool Heals(ModelResolution resolution) =>
        Damaged is not null && DigestText.Same(Damaged.Version.Source.Digest, resolution.Digest);
}
