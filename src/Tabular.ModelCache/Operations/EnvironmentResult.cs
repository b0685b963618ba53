namespace Tabular.ModelCache.Operations;

/// <summary>One model of an <see cref="EnvironmentReport"/>.</summary>
public sealed record EnvironmentResult
{
    /// <summary>Gets the name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its kind: one of <see cref="ModelKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the version that this configuration serves.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the full path of its folder, below the mount.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the variables, as <see cref="CachedModel.Environment"/> has them.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }
}
