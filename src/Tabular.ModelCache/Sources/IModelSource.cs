namespace Tabular.ModelCache.Sources;

/// <summary>Where models are pulled from. A source knows nothing of buckets; everything it promises is verified while it is read.</summary>
public interface IModelSource
{
    /// <summary>Finds out what a source holds now, without moving the bulk of it.</summary>
    /// <param name="request">The model to resolve.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The digest of the upstream state and its files.</returns>
    /// <exception cref="ModelCacheException">The source cannot be read, or is not what it should be; the message says why in one line.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken = default);
}
