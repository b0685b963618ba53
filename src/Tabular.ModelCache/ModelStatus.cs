namespace Tabular.ModelCache;

/// <summary>Where one model stands.</summary>
public sealed record ModelStatus
{
    /// <summary>Gets the name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its kind: <see cref="ModelKinds.Ollama"/> or <see cref="ModelKinds.Sbert"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the state of this model.</summary>
    public ModelCacheState State { get; init; }

    /// <summary>Gets the version that is served or being verified.</summary>
    /// <value><see langword="null"/> until it is known.</value>
    public string? Version { get; init; }

    /// <summary>Gets how this instance came by the model.</summary>
    /// <value><see langword="null"/> until the model is verified.</value>
    public CacheOutcome? Outcome { get; init; }

    /// <summary>Gets whether nothing had to be pulled by this instance.</summary>
    /// <value><see langword="null"/> until the model is verified, or pulled.</value>
    public bool? CacheHit { get; init; }

    /// <summary>Gets how far the present step has come.</summary>
    /// <value><see langword="null"/> when the step has no measure.</value>
    public ModelCacheProgress? Progress { get; init; }

    /// <summary>Gets what the model waits for, or why it failed or is degraded, in one line.</summary>
    public string? Reason { get; init; }
}
