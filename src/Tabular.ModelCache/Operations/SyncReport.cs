namespace Tabular.ModelCache.Operations;

/// <summary>What a sync did: the answer of <c>model-cache sync</c>.</summary>
public sealed record SyncReport
{
    /// <summary>Gets what became of each model, in the order of the configuration.</summary>
    public required IReadOnlyList<SyncResult> Models { get; init; }

    /// <summary>Gets how long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets the bytes read from the sources, of all models.</summary>
    public long BytesPulled => Models.Sum(m => m.BytesPulled);

    /// <summary>Gets the bytes copied or moved on the server instead, of all models.</summary>
    public long BytesCopied => Models.Sum(m => m.BytesCopied);

    /// <summary>Gets the exit code of the command: that of the worst model, and a failure counts more than a busy lease.</summary>
    public int ExitCode => ExitCodeOf(Models.Select(m => m.ExitCode));

    internal static int ExitCodeOf(IEnumerable<int> models)
    {
        var codes = models.ToHashSet();
        return codes.All(c => c == ModelCacheExitCodes.Success) ? ModelCacheExitCodes.Success :
            codes.Any(c => c is not (ModelCacheExitCodes.Success or ModelCacheExitCodes.LeaseBusy)) ? ModelCacheExitCodes.Failed : ModelCacheExitCodes.LeaseBusy;
    }
}
