using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The memory of a verification that reads every byte does not depend on how many there are.</summary>
internal sealed class VerifyMemory(Lab lab) : IBenchmark
{
    private const double Share = 0.2;
    private const double SmallShare = 0.02;
    private const double MostRatio = 1.1;

    private long _bytes;

    public string Name => "verify-memory";

    public string Ours => "peak memory of `model-cache verify --level Content`";

    public long Bytes => _bytes;

    public string? Missing => InstalledProgram.FindMissingOfMount();

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
        var app = await (await lab.Models.GetPublishedAsync(share, cancellationToken)).CreateAppAsync(cancellationToken);
        return await RecordedRun.MeasureAsync(lab, app.Command("model-cache", "verify", "--level", "Content"), cancellationToken);
    }
}
