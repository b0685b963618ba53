using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Operations;

/// <summary>One model of a <see cref="PruneReport"/>.</summary>
public sealed record PruneResult
{
    /// <summary>Gets the name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the versions that are removed, oldest first.</summary>
    public IReadOnlyList<PrunedVersion> Versions { get; init; } = [];

    /// <summary>Gets how many objects of dead runs are removed from <c>.tmp</c>.</summary>
    public int Leftovers { get; init; }

    /// <summary>Gets the size of those objects.</summary>
    /// <value>In bytes.</value>
    public long LeftoverBytes { get; init; }

    /// <summary>Gets why it failed, in one line.</summary>
    /// <value><see langword="null"/> when it did not.</value>
    public string? Error { get; init; }

    /// <summary>Gets the exit code that this model alone would have: one of <see cref="ModelCacheExitCodes"/>.</summary>
    [JsonIgnore]
    public int ExitCode { get; init; }
}
