namespace Tabular.ModelCache.Simulation.Planted;

/// <summary>All planted bugs, by name.</summary>
internal static class PlantedBugs
{
    private static readonly Func<PlantedBug>[] All =
    [
        () => new AdoptDoomedVersion(),
        () => new BlindMerge(),
        () => new DeleteBeforeFlip(),
        () => new DoneBeforePromote(),
        () => new FlipWithoutPrecondition(),
        () => new GateIgnoresTheMount(),
        () => new LoserDeletes(),
        () => new LossNoticedTooLate(),
        () => new NoReadUnderTheLease(),
        () => new OneWriteIdForAll(),
        () => new PromoteOverwrites(),
        () => new ReleaseOfAnothersLease(),
        () => new RenewWithoutGeneration(),
        () => new ResumeInForeignStaging(),
        () => new RetentionByLocalClock(),
        () => new RetentionIgnoresPins(),
        () => new TakeoverAfterHalfTheTime(),
        () => new TakeoverByWallClock(),
        () => new TakeoverWithoutPrecondition(),
    ];

    public static IEnumerable<string> Names => All.Select(create => create().Name);

    public static PlantedBug Create(string name) => All.Select(create => create()).Single(bug => bug.Name == name);
}
