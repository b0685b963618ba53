namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>What became of an instance that started around a flip which its mount did not show at first.</summary>
internal sealed record LagResult(
    int Seed,
    LagPlan Plan,
    bool ServesNew,
    CacheOutcome? Outcome,
    bool StartedBeforeTheFlip,
    TimeSpan Took,
    int WrongFiles,
    string? Failure)
{
    /// <summary>Whether it serves a version that was published before.</summary>
    public bool ServesOld => Outcome is not null && !ServesNew;

    public override string ToString() =>
        $"seed {Seed}: {Plan}: {(ServesNew ? "new" : ServesOld ? "old" : "nothing")} {Outcome} after {Took.TotalSeconds:0.00} s" +
        $"{(StartedBeforeTheFlip ? ", started before the flip" : "")}{(Failure is null ? "" : $": {Failure}")}";
}
