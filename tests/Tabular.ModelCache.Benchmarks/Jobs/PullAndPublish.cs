using System.Globalization;
using System.Text.Json;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;
using Tabular.ModelCache.Benchmarks.Uploads;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The sample app's sync job pulls both models from the registry into an empty bucket.</summary>
/// <remarks>
/// Everything is in the time: the start of the runtime, the lease, the digests, the upload, the promotion, and the manifest. The others
/// download, hash and upload the same files by way of the disk, several at a time, and publish no version.
/// </remarks>
internal sealed class PullAndPublish(Lab lab) : IBenchmark
{
    /// <summary>A fifth of the real models, so that five rounds of all of them take two minutes; the job before has published the whole.</summary>
    private const double Share = 0.2;

    private const double SmallShare = Share / 10;
    private const double MostGrowth = 1.1;
    private const double Mebibyte = 1 << 20;
    private const long MostPeakBytes = 128L << 20;

    /// <summary>Those of the sample's project, so that both differ in what they do alone; numbers are hexadecimal.</summary>
    private static readonly Dictionary<string, string> RuntimeSettings = new()
    {
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_TC_CallCountingDelayMs"] = "EA60",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCgen0MaxBudget"] = "100000",
    };

    private long _bytes;
    private ProcessRun? _whole;
    private string? _note;
    private (string Folder, Measurement Download)? _downloaded;

    public string Name => "pull-and-publish";

    public string Ours => "`model-cache sync`, registry to bucket, a fifth of 3.6 GB in two models";

    public long Bytes => _bytes;

    public string? Missing => null;

    /// <summary>The models of the jobs before were published by the same servers.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("rclone", "`curl \\| tee FILE \\| sha256sum` of each file, then `rclone copy DIR bucket`", MeasureRcloneAsync)
        {
            Missing = InstalledProgram.FindMissing("sh", "xargs", "curl", "tee", "sha256sum", "sed", "rclone"),
            Aim = Aim.Faster.And(new Aim(
                "peak at most 128 MiB", row => row.OurPeakBytes is { } peak && Math.Max(peak.Max, _whole?.PeakBytes ?? 0) <= MostPeakBytes)),
        },
        new("gcloud", "the same downloads, then `gcloud storage cp DIR/* gs://bucket`", MeasureGcloudAsync)
        {
            Missing = InstalledProgram.FindMissing("sh", "xargs", "curl", "tee", "sha256sum", "sed", "gcloud"),
            Aim = Aim.Faster,
        },
        new("dotnet", "`HttpClient` to a file and `SHA256`, then a resumable upload by `Google.Apis.Storage.v1`", MeasureDotNetAsync) { Aim = Aim.Faster },
        new("tenth", "the same for a tenth of the bytes", token => SyncAsync(SmallShare, token)) { Quantity = Quantity.PeakBytes, Aim = Aim.AtMost(MostGrowth) },
    ];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        _bytes = (await GetSetAsync(cancellationToken)).Bytes;
        var measurement = await SyncAsync(Share, cancellationToken);
        return measurement with { Note = _note ??= await DescribeAsync(cancellationToken) };
    }

    private Task<Measurement> SyncAsync(double share, CancellationToken cancellationToken) => SyncAsync(
        share, async (command, token) => (await lab.MeasureAsync(command, token)).Measurement, cancellationToken);

    private async Task<Measurement> SyncAsync(
        double share, Func<Command, CancellationToken, Task<Measurement>> measure, CancellationToken cancellationToken)
    {
        var (set, bucket) = (await lab.Models.GetServedAsync(share, cancellationToken), lab.NextName());
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        var measurement = await measure(app.Command("model-cache", "sync", "--json"), cancellationToken);
        await EmptyAsync(bucket, set, cancellationToken);
        return measurement;
    }

    /// <summary>Once: a run of the whole, and one whose allocations are recorded.</summary>
    private async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        _whole = InstalledProgram.FindMissing("rclone", "fusermount3") is null
            ? (await lab.Models.GetPublishedAsync(share: 1, cancellationToken)).Sync
            : null;
        var whole = _whole is { PeakBytes: { } peak, Seconds: var seconds }
            ? string.Create(CultureInfo.InvariantCulture, $"all 3.6 GB once: {seconds:0.0} s, peak {peak / Mebibyte:0} MiB; ")
            : "";
        var recorded = await SyncAsync(Share, (command, token) => RecordedRun.MeasureAsync(lab, command, token), cancellationToken);
        return whole + recorded.Note;
    }

    private async Task<Measurement> MeasureRcloneAsync(CancellationToken cancellationToken) =>
        await MeasureUploadAsync(
            (folder, bucket) => $"rclone copy '{folder}' '{RcloneConfiguration.Remote}:{bucket}'",
            await RcloneConfiguration.CreateAsync(lab, cancellationToken),
            cancellationToken);

    private async Task<Measurement> MeasureGcloudAsync(CancellationToken cancellationToken) =>
        await MeasureUploadAsync(
            (folder, bucket) => $"gcloud storage cp '{folder}'/* 'gs://{bucket}/'",
            await GcloudConfiguration.CreateAsync(lab, cancellationToken),
            cancellationToken);

    private async Task<Measurement> MeasureUploadAsync(
        Func<string, string, string> upload, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var (set, bucket) = (await GetSetAsync(cancellationToken), lab.NextName());
        var (folder, download) = await TakeDownloadsAsync(set, cancellationToken);
        var (measurement, _) = await lab.MeasureAsync(
            new Command("sh", ["-c", upload(folder, bucket)], folder) { Environment = environment }, cancellationToken);
        await EmptyAsync(bucket, set, cancellationToken);
        if (_downloaded is null)
        {
            Directory.Delete(folder, recursive: true);
        }

        return new Measurement(
            download.Seconds + measurement.Seconds,
            download.CpuSeconds + measurement.CpuSeconds,
            download.ServerCpuSeconds + measurement.ServerCpuSeconds,
            null)
        {
            Bucket = measurement.Bucket,
        };
    }

    /// <summary>The files are downloaded once in a round, and uploaded by each of the two: the first that asks downloads, the second takes the same.</summary>
    private async Task<(string Folder, Measurement Download)> TakeDownloadsAsync(ModelSet set, CancellationToken cancellationToken)
    {
        if (_downloaded is { } downloaded)
        {
            _downloaded = null;
            return downloaded;
        }

        var (folder, list) = (lab.CreateFolder(lab.NextName()), lab.Path("downloads"));
        await File.WriteAllLinesAsync(list, set.Files.Select(file => $"{file.Name} {file.Address}"), cancellationToken);
        var script =
            $"xargs -P {Environment.ProcessorCount} -n 2 sh -c 'curl -sSfL \"$1\" | tee \"$0\" | sha256sum | sed \"s|-$|$0|\"' < '{list}'";
        var (measurement, output) = await lab.MeasureAsync(new Command("sh", ["-c", script], folder), cancellationToken);
        var lines = output.Split('\n');
        if (set.Files.FirstOrDefault(file => !lines.Contains($"{file.Sha256}  {file.Name}")) is { } missing)
        {
            throw new BenchmarkException($"sha256sum should print '{missing.Sha256}  {missing.Name}', but printed '{output.Trim()}'.");
        }

        downloaded = (folder, measurement);
        _downloaded = Opponents.All(opponent => opponent.Missing is null) ? downloaded : null;
        return downloaded;
    }

    private async Task<Measurement> MeasureDotNetAsync(CancellationToken cancellationToken)
    {
        var set = await GetSetAsync(cancellationToken);
        var (bucket, list) = (lab.NextName(), lab.Path("downloads.json"));
        await File.WriteAllTextAsync(list, JsonSerializer.Serialize(set), cancellationToken);
        var folder = lab.CreateFolder(bucket);
        var storage = (await lab.GetBucketAsync(cancellationToken)).Hello.Endpoint;
        var command = new Command(BuildOutput.DotNet, [BuildOutput.OwnProgram, DownloadThenUpload.Command, list, storage.ToString(), bucket], folder)
        {
            Environment = RuntimeSettings,
        };
        var (measurement, _) = await lab.MeasureAsync(command, cancellationToken);
        Directory.Delete(folder, recursive: true);
        await EmptyAsync(bucket, set, cancellationToken);
        return measurement;
    }

    private Task<ModelSet> GetSetAsync(CancellationToken cancellationToken) => lab.Models.GetServedAsync(Share, cancellationToken);

    private async Task EmptyAsync(string bucket, ModelSet set, CancellationToken cancellationToken)
    {
        var content = await lab.EmptyAsync(bucket, cancellationToken);
        var largest = set.Files.Max(file => file.Size);
        if (content.LargestObject != largest)
        {
            throw new BenchmarkException($"After the run the largest object of '{bucket}' should have {largest} bytes, but has {content.LargestObject}.");
        }
    }
}
