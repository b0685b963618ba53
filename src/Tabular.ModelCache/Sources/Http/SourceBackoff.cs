using Tabular.ModelCache.Configuration;

namespace Tabular.ModelCache.Sources.Http;

/// <summary>Counts the failures of one body, and waits between them: exponential, with full jitter.</summary>
internal sealed class SourceBackoff(SourceHttpTimings timings, ModelCacheClock clock)
{
    public int Failures { get; private set; }

    public void Reset() => Failures = 0;

    /// <summary>Counts a failure and waits; <see langword="false"/> when no attempt is left.</summary>
    public async ValueTask<bool> TryWaitAsync(CancellationToken cancellationToken)
    {
        if (++Failures >= timings.BodyFailures)
        {
            return false;
        }

        var bound = timings.Backoff * Math.Pow(2, Failures - 1);
        var wait = clock.Random.NextDouble() * (bound < timings.LongestBackoff ? bound : timings.LongestBackoff);
        await Task.Delay(wait, clock.Time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
