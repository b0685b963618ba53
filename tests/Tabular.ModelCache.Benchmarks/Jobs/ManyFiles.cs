using System.Globalization;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>A model of many small files: what it costs grows with their number, and not faster.</summary>
internal sealed class ManyFiles(Lab lab) : IBenchmark, IAsyncDisposable
{
    private const double TinyShare = 0.001;
    private const double Mebibyte = 1 << 20;
    private const int Times = 10;
    private const int FilesInFolder = 500;
    private const int FileBytes = 200;

    private readonly int _few = lab.Options.IsSmoke ? 20 : 1_000;
    private PublishedModels? _manyModels;
    private PublishedModels? _fewModels;
    private Measurement? _manySync;
    private Measurement? _fewSync;
    private Measurement? _fewVerified;
    private int _timesUsed;

    public string Name => "many-files";

    public string Ours => $"`model-cache verify` at level Metadata, {_few * Times} files";

    public long Bytes => (long)_few * Times * FileBytes;

    public string? Missing => InstalledProgram.FindMissingOfMount();

    /// <summary>Gets <see langword="false"/>: the syncs before have warmed the servers up.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("tenth", $"the same with {_few} files", MeasureFewAsync) { Aim = Aim.AtMost(Times) },
        new("tenth-memory", $"the same with {_few} files", MeasureFewAsync) { Quantity = Quantity.PeakBytes, Aim = Aim.AtMost(Times) },
        new("tenth-requests", $"the same with {_few} files", MeasureFewAsync) { Quantity = Quantity.Requests, Aim = Aim.AtMost(Times) },
    ];

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (Missing is not null)
        {
            return;
        }

        (_fewModels, _fewSync) = await PublishAsync(_few, cancellationToken);
        (_manyModels, _manySync) = await PublishAsync(_few * Times, cancellationToken);
    }

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var measurement = await MeasureAsync(_manyModels!, cancellationToken);
        return measurement with
        {
            Note = $"{measurement.Note}; per 1,000 files more: verify {PerThousand(measurement, _fewVerified ??= await MeasureAsync(_fewModels!, cancellationToken))}, " +
                $"sync {PerThousand(_manySync!, _fewSync!)}",
        };
    }

    public async ValueTask DisposeAsync()
    {
        await (_fewModels?.DisposeAsync() ?? default);
        await (_manyModels?.DisposeAsync() ?? default);
    }

    /// <summary>One run is for all three rows.</summary>
    private async Task<Measurement> MeasureFewAsync(CancellationToken cancellationToken)
    {
        if (_fewVerified is null || _timesUsed == Opponents.Count)
        {
            (_fewVerified, _timesUsed) = (await MeasureAsync(_fewModels!, cancellationToken), 0);
        }

        _timesUsed++;
        return _fewVerified;
    }

    private async Task<Measurement> MeasureAsync(PublishedModels models, CancellationToken cancellationToken)
    {
        var app = await models.CreateAppAsync(cancellationToken);
        return await RecordedRun.MeasureAsync(lab, app.Command("model-cache", "verify", "--level", "Metadata"), cancellationToken);
    }

    private async Task<(PublishedModels Models, Measurement Sync)> PublishAsync(int files, CancellationToken cancellationToken)
    {
        var bucket = lab.NextName();
        var folder = lab.CreateFolder($"files-{bucket}");
        for (var i = 0; i < files; i++)
        {
            var name = Path.Join(folder, $"part-{i / FilesInFolder}", $"shard-{i}.json");
            Directory.CreateDirectory(Path.GetDirectoryName(name)!);
            await File.WriteAllTextAsync(name, $"{i}".PadLeft(FileBytes), cancellationToken);
        }

        var tiny = await lab.Models.GetServedAsync(TinyShare, cancellationToken);
        var set = tiny with { Embedder = $"dir://{folder}" };
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        var sync = await RecordedRun.MeasureAsync(lab, app.Command("model-cache", "sync"), cancellationToken);
        var mount = await RcloneMount.StartAsync(lab, bucket, cacheFolder: null, cancellationToken);
        return (new PublishedModels(lab, set, bucket, new ProcessRun(sync.Seconds, sync.CpuSeconds, sync.PeakBytes, Output: ""), mount), sync);
    }

    private string PerThousand(Measurement many, Measurement few)
    {
        var thousands = _few * (Times - 1) / 1000.0;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(many.Seconds - few.Seconds) / thousands:0.00} s, {(many.PeakBytes - few.PeakBytes) / Mebibyte / thousands:0.0} MiB, " +
            $"{(many.Bucket!.Requests - few.Bucket!.Requests) / thousands:0} requests");
    }
}
