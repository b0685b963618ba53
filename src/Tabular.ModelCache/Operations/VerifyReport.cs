namespace Tabular.ModelCache.Operations;

/// <summary>What a verification found: the answer of <c>model-cache verify</c>.</summary>
public sealed record VerifyReport
{
    /// <summary>Gets what was found of each model, in the order of the configuration.</summary>
    public required IReadOnlyList<VerifyResult> Models { get; init; }

    /// <summary>Gets the exit code of the command: <see cref="ModelCacheExitCodes.Failed"/> when any model has a problem.</summary>
    public int ExitCode => Models.All(m => m.Problem is null) ? ModelCacheExitCodes.Success : ModelCacheExitCodes.Failed;
}
