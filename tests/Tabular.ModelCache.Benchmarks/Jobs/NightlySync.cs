using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Commands;
using Tabular.ModelCache.Operations;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The sync job of a night in which no model has changed.</summary>
internal sealed class NightlySync(Lab lab) : IBenchmark
{
    private const double Tenth = 0.1;

    /// <summary>The manifest, leases, listings and documents of a few kilobytes each, and no file of a model.</summary>
    private const long MostBytes = 256 * 1024;

    private long _bytes;

    public string Name => "nightly-sync";

    public string Ours => "`model-cache sync` with nothing changed, 3.6 GB in two models";

    public long Bytes => _bytes;

    public string? Missing => InstalledProgram.FindMissingOfMount();

    /// <summary>The servers have run the same code for the jobs before.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("first", "the first `model-cache sync` of models with a tenth of the bytes", MeasureFirstAsync) { Aim = Aim.Faster },
    ];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var models = await lab.Models.GetPublishedAsync(share: 1, cancellationToken);
        _bytes = models.Set.Bytes;
        var measurement = await MeasureAsync(await models.CreateAppAsync(cancellationToken), SyncAction.Unchanged, cancellationToken);
        var traffic = measurement.Bucket!;
        return traffic.BytesIn + traffic.BytesOut <= MostBytes
            ? measurement with
            {
                Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"0 bytes of models moved; {traffic.Requests - traffic.Mutations} reads and lists, {traffic.Mutations} changes; "
                    + $"{traffic.BytesIn / 1e3:0.0} kB sent, {traffic.BytesOut / 1e3:0.0} kB received"),
            }
            : throw new BenchmarkException($"A sync of unchanged models should move at most {MostBytes} bytes, but moved {traffic}.");
    }

    private async Task<Measurement> MeasureFirstAsync(CancellationToken cancellationToken)
    {
        var (bucket, set) = (lab.NextName(), await lab.Models.GetServedAsync(Tenth, cancellationToken));
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        var measurement = await MeasureAsync(app, SyncAction.Published, cancellationToken);
        await lab.EmptyAsync(bucket, cancellationToken);
        return measurement;
    }

    private async Task<Measurement> MeasureAsync(SampleApp app, SyncAction action, CancellationToken cancellationToken)
    {
        var (measurement, output) = await lab.MeasureAsync(app.Command("model-cache", "sync", "--json"), cancellationToken);
        var report = JsonSerializer.Deserialize(output, ReportJsonContext.Readable.SyncReport)!;
        return report.Models.Count == 2 && report.Models.All(model => model.Action == action && (action == SyncAction.Published) == (model.BytesPulled > 0))
            ? measurement
            : throw new BenchmarkException($"Both models should be '{action}', but 'model-cache sync' reported {output}");
    }
}
