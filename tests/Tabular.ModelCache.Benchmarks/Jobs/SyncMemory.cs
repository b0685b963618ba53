using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The memory of a pull does not depend on how many bytes there are.</summary>
internal sealed class SyncMemory(Lab lab) : IBenchmark
{
    private const double Share = 0.2;
    private const double SmallShare = 0.02;
    private const double MostRatio = 1.1;

    private long _bytes;

    public string Name => "sync-memory";

    public string Ours => "peak memory of `model-cache sync`, registry to bucket";

    public long Bytes => _bytes;

    public string? Missing => null;

    /// <summary>Gets <see langword="false"/>: it is the time that a cold server changes.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("tenth", "the same for a tenth of the bytes", token => MeasureAsync(SmallShare, token)) { Quantity = Quantity.PeakBytes, Aim = Aim.AtMost(MostRatio) },
    ];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        _bytes = (await lab.Models.GetServedAsync(Share, cancellationToken)).Bytes;
        return await MeasureAsync(Share, cancellationToken);
    }

    private async Task<Measurement> MeasureAsync(double share, CancellationToken cancellationToken)
    {
        var (set, bucket) = (await lab.Models.GetServedAsync(share, cancellationToken), lab.NextName());
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        var measurement = await RecordedRun.MeasureAsync(lab, app.Command("model-cache", "sync"), cancellationToken);
        var content = await lab.EmptyAsync(bucket, cancellationToken);
        return content.LargestObject == set.Files.Max(file => file.Size)
            ? measurement
            : throw new BenchmarkException($"After a sync the largest file should be in the bucket, but the largest object has {content.LargestObject} bytes.");
    }
}
