namespace Tabular.ModelCache.Benchmarks.Recordings;

/// <summary>What a program has cost up to a moment, or in a span.</summary>
/// <param name="JitSeconds">The time of the compiler, on all threads.</param>
/// <param name="JitMethods">How many methods it compiled.</param>
/// <param name="AllocatedBytes">What was allocated on the managed heap.</param>
/// <param name="PeakBytes">The most memory in RAM up to the end (VmHWM of proc(5)).</param>
internal sealed record RecordedCosts(double JitSeconds, long JitMethods, long AllocatedBytes, long PeakBytes)
{
    /// <summary>Gets what came since a moment.</summary>
    public RecordedCosts Since(RecordedCosts before) =>
        new(JitSeconds - before.JitSeconds, JitMethods - before.JitMethods, AllocatedBytes - before.AllocatedBytes, PeakBytes);
}
