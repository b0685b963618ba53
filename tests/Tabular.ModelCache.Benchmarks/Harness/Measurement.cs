namespace Tabular.ModelCache.Benchmarks.Harness;

/// <summary>One run of one side.</summary>
/// <param name="Seconds">From the start of the process to its end.</param>
/// <param name="CpuSeconds">What the process and its children computed, in seconds of one core.</param>
/// <param name="ServerCpuSeconds">What the servers computed meanwhile, in seconds of one core.</param>
/// <param name="PeakBytes">The most memory it had in RAM (VmHWM of proc(5)); <see langword="null"/> for several processes.</param>
internal sealed record Measurement(double Seconds, double CpuSeconds, double ServerCpuSeconds, long? PeakBytes)
{
    /// <summary>Gets what the bucket was asked for meanwhile, also by a mount of it; <see langword="null"/> where there is no bucket.</summary>
    public Traffic? Bucket { get; init; }

    /// <summary>Gets what else there is to say of this run; the table shows it of the last one.</summary>
    public string? Note { get; init; }

    public double? Get(Quantity quantity) => quantity switch
    {
        Quantity.Seconds => Seconds,
        Quantity.PeakBytes => PeakBytes,
        Quantity.Requests => Bucket?.Requests,
        _ => throw new ArgumentOutOfRangeException(nameof(quantity), quantity, "Is no quantity."),
    };
}
