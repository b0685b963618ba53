namespace Tabular.Children;

/// <summary>How long to wait before the next start: twice as long after each failure in a row, up to a bound, half of it at random.</summary>
internal sealed class ChildBackoff(ChildTimings timings, Random random)
{
    private const int MaxDoublings = 16;

    private int _failures;

    public TimeSpan Next(TimeSpan ranFor)
    {
        _failures = ranFor >= timings.StableAfter ? 0 : _failures;
        var longest = timings.FirstDelay * Math.Pow(2, Math.Min(_failures++, MaxDoublings));
        longest = longest < timings.MaxDelay ? longest : timings.MaxDelay;

        // At random, so that instances that lost something at one time do not come back at one time.
        return longest * (0.5 + (random.NextDouble() / 2));
    }
}
