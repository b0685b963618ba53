using System.Globalization;

namespace Tabular.ModelCache.Tests.Leases;

/// <summary>What a crowd asked of its bucket.</summary>
/// <param name="Instances">How many started.</param>
/// <param name="Pulls">How many took the lease to pull.</param>
/// <param name="Unready">How many had not seen the flip at the end.</param>
/// <param name="Refused">How many requests were above a limit of the bucket.</param>
/// <param name="Seconds">Each second of the course.</param>
/// <param name="LastReady">When the last one saw the flip, after it.</param>
internal sealed record SimulatedCrowdResult(
    int Instances, int Pulls, int Unready, int Refused, IReadOnlyList<SimulatedCrowdSecond> Seconds, TimeSpan LastReady)
{
    // The first ten seconds are the start, and the pull takes a minute.
    private const int Start = 10;
    private const int Pull = 60;

    public int MostReads => Seconds.Max(second => second.Reads);

    public int MostReadsWhileWaiting => Waiting.Max(second => second.Reads);

    public double ReadsWhileWaiting => Waiting.Average(second => second.Reads);

    /// <summary>Gets the most changes of one object in a second.</summary>
    public int MostChanges => Seconds.Max(second => second.Changes);

    /// <summary>Gets the changes of the lease until the flip.</summary>
    public int ChangesInTheMinute => Seconds.Take(Pull).Sum(second => second.Changes);

    private IEnumerable<SimulatedCrowdSecond> Waiting => Seconds.Take(Pull).Skip(Start);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Instances} instances: {Pulls} pull, at most {MostReads} reads in a second and {ReadsWhileWaiting:0} on average while waiting, at most {MostChanges} " +
        $"changes of one object in a second, {ChangesInTheMinute} in the minute, {Refused} requests refused, the last ready {LastReady.TotalSeconds:0.0} s after the flip");
}
