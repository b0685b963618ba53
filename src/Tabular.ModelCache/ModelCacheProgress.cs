namespace Tabular.ModelCache;

/// <summary>How far a long step has come.</summary>
/// <param name="Bytes">The bytes done, 0 or more.</param>
/// <param name="TotalBytes">The bytes in all, 0 or more.</param>
/// <param name="BytesPerSecond">The average rate since the step began; 0 before the first measurement.</param>
public readonly record struct ModelCacheProgress(long Bytes, long TotalBytes, double BytesPerSecond)
{
    /// <summary>Gets the time left at the present rate.</summary>
    /// <value><see langword="null"/> while no rate is known.</value>
    public TimeSpan? TimeLeft =>
        BytesPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min((TotalBytes - Bytes) / BytesPerSecond, TimeSpan.FromDays(365).TotalSeconds)) : null;
}
