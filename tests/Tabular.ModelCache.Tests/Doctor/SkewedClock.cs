namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>The real clock, with another date, on which a test can let time pass.</summary>
internal sealed class SkewedClock : TimeProvider
{
    private long _passed;

    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => System.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Skew;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _passed);

    public void Pass(TimeSpan time) => Interlocked.Add(ref _passed, (long)(time.TotalSeconds * TimestampFrequency));
}
