namespace Tabular.ModelCache;

/// <summary>A snapshot of the model cache of this instance.</summary>
public sealed record ModelCacheStatus
{
    /// <summary>Gets the state of the instance: that of the model that is furthest behind.</summary>
    public required ModelCacheState State { get; init; }

    /// <summary>Gets when <see cref="State"/> was entered.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets the configured models, in the order of the configuration.</summary>
    public required IReadOnlyList<ModelStatus> Models { get; init; }

    /// <summary>Gets what is waited for, or why the instance failed or is degraded, in one line.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets whether this instance pulled none of its models, so that the number of <see langword="false"/> is the number of downloads.</summary>
    /// <value><see langword="null"/> until it is decided for every model; <see langword="false"/> as soon as one was pulled.</value>
    public bool? CacheHit =>
        Models.Any(m => m.CacheHit == false) ? false : Models.Count > 0 && Models.All(m => m.CacheHit == true) ? true : null;

    /// <summary>Gets how this instance came by its models: the outcome of the model that is least like a plain hit.</summary>
    /// <value><see langword="null"/> until it is decided for every model.</value>
    public CacheOutcome? Outcome => Models.Count > 0 && Models.All(m => m.Outcome is not null) ? Models.Max(m => m.Outcome) : null;

    /// <summary>Gets whether the gate is open: the state is <see cref="ModelCacheState.Ready"/> or <see cref="ModelCacheState.Degraded"/>.</summary>
    public bool IsReady => State is ModelCacheState.Ready or ModelCacheState.Degraded;

    /// <summary>Gets how far the present step of all models has come.</summary>
    /// <value><see langword="null"/> when no model is in a step with a measure.</value>
    public ModelCacheProgress? Progress
    {
        get
        {
            var parts = Models.Where(m => m.Progress is not null).Select(m => m.Progress!.Value).ToList();
            return parts.Count == 0
                ? null
                : new ModelCacheProgress(parts.Sum(p => p.Bytes), parts.Sum(p => p.TotalBytes), parts.Sum(p => p.BytesPerSecond));
        }
    }
}
