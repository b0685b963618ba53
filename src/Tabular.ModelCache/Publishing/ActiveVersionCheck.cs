using Microsoft.Extensions.Logging;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Stores;
using Tabular.ModelCache.Verification;

namespace Tabular.ModelCache.Publishing;

/// <summary>Finds out whether the active version must be published again, which a sync does before it asks the source.</summary>
internal sealed class ActiveVersionCheck(IObjectStore store, VersionSigner signer, ILogger logger)
{
    private readonly StoredVersionVerifier _verifier = new(store);

    /// <returns>What is wrong with it; <see langword="null"/> when it is as it was published, and signed where something is signed here.</returns>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    public async Task<DamagedVersion?> FindAsync(string model, ManifestSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.Entry(model)?.ActiveVersion is not { } active)
        {
            return null;
        }

        if ((await _verifier.VerifyAsync(active, cancellationToken).ConfigureAwait(false)).Flaw is { } problem)
        {
            PublishLog.Damaged(logger, model, active.Version, problem);
            return new DamagedVersion(active, problem);
        }

        if (await signer.FindFlawAsync(active, cancellationToken).ConfigureAwait(false) is { } unsigned)
        {
            PublishLog.NotSigned(logger, model, active.Version, unsigned);
            return new DamagedVersion(active, unsigned, IsIntact: true);
        }

        return null;
    }
}
