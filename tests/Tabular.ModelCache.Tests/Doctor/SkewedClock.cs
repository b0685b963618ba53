namespace Tabular.ModelCache.Tests.Doctor;

/// <summary>The real clock, with another date.</summary>
internal sealed class SkewedClock : TimeProvider
{
    public TimeSpan Skew { get; set; }

    public override long TimestampFrequency => System.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Skew;

    public override long GetTimestamp() => System.GetTimestamp();
}
