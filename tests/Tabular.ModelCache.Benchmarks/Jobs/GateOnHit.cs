using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>
/// The sample app verifies both models as it does before it serves, against what others would do to be sure of the same bytes: hash a copy,
/// or compare it with the checksums of a bucket that rclone has filled.
/// </summary>
internal sealed class GateOnHit(Lab lab) : IBenchmark, IAsyncDisposable
{
    private const string Size = "3.6 GB in two models";

    private LocalCopy? _copy;
    private long _bytes;

    public string Name => "gate-metadata";

    public string Ours => GateRun.Describe(VerificationLevel.Metadata, Size);

    public long Bytes => _bytes;

    public string? Missing => InstalledProgram.FindMissingOfMount();

    /// <summary>What is published for the first round runs the servers' code.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Variant> Variants =>
        [new("gate-marker", GateRun.Describe(VerificationLevel.Marker, Size), token => MeasureAsync(VerificationLevel.Marker, token))];

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("sha256sum", "`sha256sum -c` of a local copy, which is faster than through a mount, one for each model at the same time", MeasureSha256SumAsync)
        {
            Missing = InstalledProgram.FindMissing("sh", "xargs", "sha256sum"),
            Aim = Aim.Faster,
        },
        new("rclone", "`rclone check DIR bucket`: MD5 of a local copy, and those that the bucket lists", MeasureRcloneAsync) { Aim = Aim.Faster },
        new("gcloud", "`gcloud storage rsync --dry-run --checksums-only DIR gs://bucket`, the same with CRC32C", MeasureGcloudAsync)
        {
            Missing = InstalledProgram.FindMissing("gcloud"),
            Aim = Aim.Faster,
        },
    ];

    public Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken) => MeasureAsync(VerificationLevel.Metadata, cancellationToken);

    public async ValueTask DisposeAsync() => await (_copy?.RemoveAsync(CancellationToken.None) ?? Task.CompletedTask);

    private async Task<Measurement> MeasureAsync(VerificationLevel level, CancellationToken cancellationToken)
    {
        var models = await lab.Models.GetPublishedAsync(share: 1, cancellationToken);
        _bytes = models.Set.Bytes;
        return await GateRun.MeasureAsync(lab, models, level, cancellationToken);
    }

    private async Task<Measurement> MeasureSha256SumAsync(CancellationToken cancellationToken)
    {
        var (copy, set) = (await GetCopyAsync(cancellationToken), await lab.Models.GetServedAsync(share: 1, cancellationToken));
        var files = set.Files.ToLookup(file => file.Name.StartsWith("sha256-", StringComparison.Ordinal));
        foreach (var model in files)
        {
            await File.WriteAllLinesAsync(lab.Path($"SHA256SUMS-{model.Key}"), model.Select(file => $"{file.Sha256}  {file.Name}"), cancellationToken);
        }

        var script = $"printf '%s\\n' {string.Join(' ', files.Select(model => lab.Path($"SHA256SUMS-{model.Key}")))} | xargs -P {files.Count} -n 1 sha256sum -c --strict --quiet";
        var (measurement, _) = await lab.MeasureAsync(new Command("sh", ["-c", script], copy.Folder), cancellationToken);
        return measurement;
    }

    private async Task<Measurement> MeasureRcloneAsync(CancellationToken cancellationToken)
    {
        var copy = await GetCopyAsync(cancellationToken);
        var command = new Command("rclone", ["check", copy.Folder, $"{RcloneConfiguration.Remote}:{copy.Bucket}"], copy.Folder)
        {
            Environment = await RcloneConfiguration.CreateAsync(lab, cancellationToken),
        };
        var (measurement, _) = await lab.MeasureAsync(command, cancellationToken);
        return measurement;
    }

    private async Task<Measurement> MeasureGcloudAsync(CancellationToken cancellationToken)
    {
        var copy = await GetCopyAsync(cancellationToken);
        var command = new Command(
            "gcloud", ["storage", "rsync", "--dry-run", "--recursive", "--checksums-only", copy.Folder, $"gs://{copy.Bucket}"], copy.Folder)
        {
            Environment = await GcloudConfiguration.CreateAsync(lab, cancellationToken),
        };
        var (measurement, output) = await lab.MeasureAsync(command, cancellationToken);
        return output.Contains("Would copy", StringComparison.Ordinal)
            ? throw new BenchmarkException($"gcloud should find every file equal, but would copy some: {output}")
            : measurement with { PeakBytes = null };
    }

    private async Task<LocalCopy> GetCopyAsync(CancellationToken cancellationToken) =>
        _copy ??= await LocalCopy.CreateAsync(lab, await lab.Models.GetServedAsync(share: 1, cancellationToken), cancellationToken);
}
