using System.Text.Json.Serialization;

namespace Tabular.ModelCache.Operations;

/// <summary>One model of a <see cref="SyncReport"/>.</summary>
public sealed record SyncResult
{
    /// <summary>Gets the name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Gets what became of it.</summary>
    public required SyncAction Action { get; init; }

    /// <summary>Gets the version that satisfies what is wanted; where the source is held back, the active one.</summary>
    /// <value><see langword="null"/> when the sync failed.</value>
    public string? Version { get; init; }

    /// <summary>Gets the bytes read from the source.</summary>
    public long BytesPulled { get; init; }

    /// <summary>Gets the bytes copied or moved on the server instead.</summary>
    public long BytesCopied { get; init; }

    /// <summary>Gets how long it took, waiting for the lease included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets why it failed, or why only the removal of what is no longer needed did, in one line.</summary>
    /// <value><see langword="null"/> when nothing failed. Where <see cref="Version"/> is set as well, that version is active all the same.</value>
    public string? Error { get; init; }

    /// <summary>Gets the exit code that this model alone would have: one of <see cref="ModelCacheExitCodes"/>.</summary>
    [JsonIgnore]
    public int ExitCode { get; init; }
}
