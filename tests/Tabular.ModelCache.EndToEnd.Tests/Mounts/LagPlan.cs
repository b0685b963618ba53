namespace Tabular.ModelCache.EndToEnd.Tests.Mounts;

/// <summary>The random moments of one repetition.</summary>
/// <param name="RootAt">When the root is listed, so that the mount keeps it: the part of the changes that are done by then.</param>
/// <param name="RootLead">
/// How long the publisher is held after that. The mount forgets the root by so much sooner than the folders, and shows the new manifest
/// while it does not show the new version.
/// </param>
/// <param name="FoldersAt">When the folders below it are listed; not before the root.</param>
/// <param name="StartAt">When the instance starts: the part of the changes, where it is before the flip; otherwise above 1.</param>
/// <param name="Delay">How long after the flip the instance starts, where it starts then.</param>
/// <param name="FallsBack">Whether the instance may serve the old version, and waits only a moment for the new one.</param>
internal sealed record LagPlan(double RootAt, TimeSpan RootLead, double FoldersAt, double StartAt, TimeSpan Delay, bool FallsBack)
{
    public static readonly TimeSpan Lag = TimeSpan.FromSeconds(4);

    public static readonly TimeSpan LongestLead = TimeSpan.FromSeconds(2.5);

    // The others start while the version is being published.
    private const double PartAfterTheFlip = 0.6;

    // Before the last of about ten changes, which makes the version complete.
    private const double LastListing = 0.85;

    public static LagPlan Random(int seed)
    {
        var random = new Random(seed);
        var root = random.NextDouble() * 0.7;
        return new LagPlan(
            root,
            LongestLead * random.NextDouble(),
            root + (random.NextDouble() * (LastListing - root)),
            random.NextDouble() < PartAfterTheFlip ? 2 : random.NextDouble(),
            Lag * (random.NextDouble() * 1.1),
            random.NextDouble() < 0.25);
    }

    public override string ToString() =>
        $"root listed at {RootAt:0.00}, held for {RootLead.TotalSeconds:0.00} s, folders at {FoldersAt:0.00}, started {(StartAt > 1 ? $"{Delay.TotalSeconds:0.00} s after the flip" : $"at {StartAt:0.00}")}" +
        $"{(FallsBack ? ", may fall back" : "")}";
}
