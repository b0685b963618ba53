using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Commands;
using Tabular.ModelCache.Operations;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>A model goes back to the version before, which the bucket still has.</summary>
internal sealed class Rollback(Lab lab) : IBenchmark
{
    private const double Tenth = 0.1;
    private const string Model = "language-model";

    private SampleApp? _app;
    private long _bytes;

    public string Name => "rollback";

    public string Ours => "`model-cache rollback`";

    public long Bytes => _bytes;

    public string? Missing => null;

    /// <summary>The servers have run the same code for the jobs before.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("publish-again", "`model-cache sync` of the old version into a bucket that has lost it", MeasurePublishingAsync)
        {
            Aim = Aim.Faster
                .And(new Aim("1 change", row => row.Pairs.All(pair => pair.Ours.Bucket!.Mutations <= 1)))
                .And(new Aim("at most 3 round trips", row => row.Pairs.All(pair => pair.Ours.Bucket!.Requests <= 3))),
        },
    ];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var app = _app ??= await CreateAsync(cancellationToken);
        var (measurement, output) = await lab.MeasureAsync(app.Command("model-cache", "rollback", "--model", Model, "--json"), cancellationToken);
        var report = JsonSerializer.Deserialize(output, ReportJsonContext.Readable.ChangeReport)!;
        if (report.Action != ChangeAction.RolledBack)
        {
            throw new BenchmarkException($"'model-cache rollback' should have gone back a version, but reported {output}");
        }

        // For the next round.
        await ProcessRun.RunAsync(app.Command("model-cache", "activate", "--model", Model, "--version", report.PreviouslyActive!), cancellationToken);
        var traffic = measurement.Bucket!;
        return measurement with
        {
            Note = string.Create(
                CultureInfo.InvariantCulture, $"{traffic.Mutations} changes, {traffic.Requests - traffic.Mutations} reads and lists, one after the other"),
        };
    }

    /// <summary>Publishes a version and then another, as a sync job does whose source has moved on.</summary>
    private async Task<SampleApp> CreateAsync(CancellationToken cancellationToken)
    {
        var (bucket, folder) = (lab.NextName(), lab.CreateFolder("unmounted"));
        var old = await lab.Models.GetServedAsync(Tenth, cancellationToken);
        var before = await SampleApp.CreateAsync(lab, bucket, old, folder, cancellationToken);
        await ProcessRun.RunAsync(before.Command("model-cache", "sync"), cancellationToken);
        var after = await SampleApp.CreateAsync(lab, bucket, await lab.Models.CreateServedAsync(Tenth, cancellationToken), folder, cancellationToken);
        await ProcessRun.RunAsync(after.Command("model-cache", "sync"), cancellationToken);
        _bytes = old.Files.Sum(file => file.Size);
        return after;
    }

    private async Task<Measurement> MeasurePublishingAsync(CancellationToken cancellationToken)
    {
        var (bucket, set) = (lab.NextName(), await lab.Models.GetServedAsync(Tenth, cancellationToken));
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        var (measurement, _) = await lab.MeasureAsync(app.Command("model-cache", "sync", "--model", Model, "--json"), cancellationToken);
        await lab.EmptyAsync(bucket, cancellationToken);
        return measurement;
    }
}
