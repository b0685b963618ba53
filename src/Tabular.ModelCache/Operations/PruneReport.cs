namespace Tabular.ModelCache.Operations;

/// <summary>What was removed, or would be: the answer of <c>model-cache prune</c>.</summary>
public sealed record PruneReport
{
    /// <summary>Gets whether nothing was removed because it was only asked for.</summary>
    public required bool IsDryRun { get; init; }

    /// <summary>Gets what was, or would be, removed of each model.</summary>
    public required IReadOnlyList<PruneResult> Models { get; init; }

    /// <summary>Gets what stays billed after a deletion, by the settings of the bucket; one line each.</summary>
    public required IReadOnlyList<string> Billing { get; init; }

    /// <summary>Gets how long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets the exit code of the command: that of the worst model, and a failure counts more than a busy lease.</summary>
    public int ExitCode => SyncReport.ExitCodeOf(Models.Select(m => m.ExitCode));
}
