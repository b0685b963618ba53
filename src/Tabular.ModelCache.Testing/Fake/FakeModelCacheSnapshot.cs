namespace Tabular.ModelCache.Testing;

/// <summary>What has happened in a <see cref="FakeModelCache"/>, at one moment.</summary>
public sealed record FakeModelCacheSnapshot
{
    /// <summary>Gets the states that the instance went through, oldest first: for each the status with which it was entered.</summary>
    /// <value>Never empty; it begins with <see cref="ModelCacheState.Starting"/>, or with the state at the last clear.</value>
    public required IReadOnlyList<ModelCacheStatus> History { get; init; }

    /// <summary>Gets what was done about each configured model, in the order of the configuration.</summary>
    public required IReadOnlyList<FakeModelActivity> Models { get; init; }

    /// <summary>Gets the requests that the instance made to its store, in the order in which they came.</summary>
    public required IReadOnlyList<StoreOperation> StoreOperations { get; init; }

    /// <summary>Gets the exit code that the process would have got.</summary>
    /// <value>One of <see cref="ModelCacheExitCodes"/>; <see langword="null"/> when none was set.</value>
    public required int? ExitCode { get; init; }
}
