namespace Tabular.ModelCache.Stores.GoogleCloud;

/// <summary>
/// How long to wait between attempts of one call, and when to stop: truncated exponential backoff with full jitter
/// (<see href="https://cloud.google.com/storage/docs/retry-strategy"/>).
/// </summary>
internal sealed class StorageBackoff(GoogleCallOptions options)
{
    private readonly long _start = options.TimeProvider.GetTimestamp();
    private int _failures;

    public int Failures => _failures;

    /// <summary>Forgets earlier failures after progress; the deadline is for calls that make none.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Counts a failure and says how long to wait; <see langword="null"/> when no attempt is left.</summary>
    public TimeSpan? Next(TimeSpan? atLeast = null)
    {
        _failures++;
        if (!options.Retries || _failures >= options.MaximumAttempts)
        {
            return null;
        }

        var bound = options.InitialBackoff * Math.Pow(2, _failures - 1);
        var delay = options.Random.NextDouble() * (bound < options.MaximumBackoff ? bound : options.MaximumBackoff);
        if (atLeast > delay)
        {
            delay = atLeast.Value < options.MaximumBackoff ? atLeast.Value : options.MaximumBackoff;
        }

        return options.TimeProvider.GetElapsedTime(_start) + delay < options.TotalDeadline ? delay : null;
    }

    /// <summary>Counts a failure and waits; <see langword="false"/> when no attempt is left.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan? atLeast, CancellationToken cancellationToken)
    {
        if (Next(atLeast) is not { } delay)
        {
            return false;
        }

        await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
