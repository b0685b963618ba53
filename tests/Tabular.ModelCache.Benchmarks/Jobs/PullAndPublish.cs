using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Servers;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The sample app's sync job pulls both models from the registry into an empty bucket.</summary>
/// <remarks>Everything is in the time: the start of the runtime, the lease, the digests, the upload, the promotion, and the manifest.</remarks>
internal sealed class PullAndPublish(Lab lab) : IBenchmark
{
    private const long MostPeakBytes = 128L << 20;

    private long _bytes;

    public string Name => "pull-and-publish";

    public string Ours => "`model-cache sync`, registry to bucket, two models";

    public long Bytes => _bytes;

    public string? Missing => null;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("curl", "`curl -sL URL... \\| sha256sum`, which uploads nothing", MeasureCurlAsync)
        {
            Missing = InstalledProgram.FindMissing("sh", "curl", "sha256sum"),
        },
        new("rclone", "`rclone copyurl URL bucket` of each file, without SHA-256", MeasureRcloneAsync)
        {
            Missing = InstalledProgram.FindMissing("rclone"),
            Aim = Aim.Faster.And(new Aim("peak at most 128 MiB", row => row.OurPeakBytes is { } peak && peak.Median <= MostPeakBytes)),
        },
    ];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var set = await GetSetAsync(cancellationToken);
        var bucket = lab.NextName();
        var app = await SampleApp.CreateAsync(lab, bucket, set, lab.CreateFolder("unmounted"), cancellationToken);
        var (measurement, _) = await lab.MeasureAsync(app.Command("model-cache", "sync", "--json"), cancellationToken);
        await EmptyAsync(bucket, set, cancellationToken);
        return measurement;
    }

    private async Task<Measurement> MeasureCurlAsync(CancellationToken cancellationToken)
    {
        var set = await GetSetAsync(cancellationToken);
        var script = string.Join('\n', set.Files.Select(file => $"curl -sSfL '{file.Address}' | sha256sum"));
        var (measurement, output) = await lab.MeasureAsync(new Command("sh", ["-c", script], lab.CreateFolder("curl")), cancellationToken);
        var digests = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]);
        return digests.SequenceEqual(set.Files.Select(file => file.Sha256))
            ? measurement with { PeakBytes = null }
            : throw new BenchmarkException($"curl should print the digests of {set.Files.Count} files, but printed '{output.Trim()}'.");
    }

    private async Task<Measurement> MeasureRcloneAsync(CancellationToken cancellationToken)
    {
        var set = await GetSetAsync(cancellationToken);
        var bucket = lab.NextName();
        var script = string.Join('\n', set.Files.Select(file => $"rclone copyurl '{file.Address}' '{RcloneConfiguration.Remote}:{bucket}/{file.Name}' &&"));
        var command = new Command("sh", ["-c", script + "\n:"], lab.CreateFolder("rclone"))
        {
            Environment = new Dictionary<string, string>
            {
                ["RCLONE_CONFIG"] = await RcloneConfiguration.WriteAsync(lab, cancellationToken),
                ["RCLONE_RETRIES"] = "1",
                ["RCLONE_LOW_LEVEL_RETRIES"] = "1",
            },
        };
        var (measurement, _) = await lab.MeasureAsync(command, cancellationToken);
        await EmptyAsync(bucket, set, cancellationToken);
        return measurement with { PeakBytes = null };
    }

    private async Task<ModelSet> GetSetAsync(CancellationToken cancellationToken)
    {
        var set = await lab.Models.GetServedAsync(share: 1, cancellationToken);
        _bytes = set.Bytes;
        return set;
    }

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
