namespace Tabular.ModelCache.Sources;

/// <summary>Finds the source for a URI, and refuses what it must not resolve to.</summary>
internal sealed class ModelSources(IEnumerable<ModelSourceRegistration> registrations, IServiceProvider services)
{
    private const int MostFiles = 50_000;

    // The last registration of a scheme wins, so that an app can replace a built-in source.
    private readonly Dictionary<string, Lazy<IModelSource>> _sources = registrations
        .GroupBy(r => r.Scheme, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => new Lazy<IModelSource>(() => g.Last().Factory(services)), StringComparer.Ordinal);

    public async Task<ModelResolution> ResolveAsync(ModelSourceRequest request, CancellationToken cancellationToken)
    {
        var scheme = ModelSourceUri.SchemeOf(request.Uri);
        if (scheme is null || !_sources.TryGetValue(scheme, out var source))
        {
            throw new ModelCacheException(
                $"The source '{request.Uri}' of the model '{request.Model}' has no known scheme; known are {string.Join(", ", _sources.Keys)}.");
        }

        var resolution = await source.Value.ResolveAsync(request, cancellationToken).ConfigureAwait(false);
        Check(request, resolution);
        return resolution;
    }

    private static void Check(ModelSourceRequest request, ModelResolution resolution)
    {
        if (request.Digest is { } wanted && !DigestText.Satisfies(wanted, resolution.Digest))
        {
            throw new ModelCacheException(
                $"The model '{request.Model}' is pinned to the digest '{wanted}', but its source {request.Uri} is at '{resolution.Digest}'; " +
                "change the pin or the source.");
        }

        if (resolution.Files.Count is 0 or > MostFiles)
        {
            throw new ModelCacheException(
                $"The source {request.Uri} of the model '{request.Model}' has {resolution.Files.Count} files; expected are 1 to {MostFiles}.");
        }

        if (VersionPaths.FindProblem(resolution.Files.Select(f => (f.Path, f.Size))) is { } problem)
        {
            throw new ModelCacheException($"The source {request.Uri} of the model '{request.Model}' cannot be published: {problem}.");
        }
    }
}
