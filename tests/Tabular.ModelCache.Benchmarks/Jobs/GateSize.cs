using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Reports;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>Whether a hit takes longer for larger models.</summary>
internal sealed class GateSize(Lab lab, VerificationLevel level) : IBenchmark, IAsyncDisposable
{
    private const double Tenth = 0.1;

    /// <summary>Of 2.3 GB, so that both models together have 10 GB.</summary>
    private const int Shards = 4;

    /// <summary>The bucket is in memory, and has each shard once; so are the models of the other jobs and what the server has not collected yet.</summary>
    private const double MemoryForTenGigabytes = 12e9;

    private PublishedModels? _large;
    private long _bytes;

    public string Name => level == VerificationLevel.Marker ? "gate-size-marker" : "gate-size-metadata";

    public string Ours => GateRun.Describe(level, "3.6 GB in two models");

    public long Bytes => _bytes;

    public string? Missing => InstalledProgram.FindMissingOfMount();

    /// <summary>What is published for the first round runs the servers' code.</summary>
    public bool NeedsWarmUp => false;

    public int RoundsFactor => 3;

    public IReadOnlyList<Opponent> Opponents => level == VerificationLevel.Marker ? [AgainstTenth] : [AgainstTenth, AgainstTenGigabytes];

    private Opponent AgainstTenth => new("tenth", "the same of models with a tenth of the bytes", token => MeasureAsync(Tenth, token)) { Aim = Aim.Flat };

    private Opponent AgainstTenGigabytes =>
        new("10-gb", "the same of models with 10 GB: of the larger one four shards", MeasureLargeAsync)
        {
            Missing = lab.Options.Directory is null && Machine.Describe().MemoryBytes < MemoryForTenGigabytes * lab.Options.Scale ? "memory for 10 GB" : null,
            Aim = Aim.Flat,
        };

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        _bytes = (await lab.Models.GetServedAsync(share: 1, cancellationToken)).Bytes;
        return await MeasureAsync(share: 1, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_large is not null)
        {
            await _large.DisposeAsync();
            await lab.EmptyAsync(_large.Bucket, CancellationToken.None);
        }
    }

    private async Task<Measurement> MeasureLargeAsync(CancellationToken cancellationToken) => await GateRun.MeasureAsync(
        lab, _large ??= await lab.Models.PublishShardsAsync(share: 1, Shards, cancellationToken), level, cancellationToken);

    private async Task<Measurement> MeasureAsync(double share, CancellationToken cancellationToken) =>
        await GateRun.MeasureAsync(lab, await lab.Models.GetPublishedAsync(share, cancellationToken), level, cancellationToken);
}
