using System.Diagnostics;
using System.Security.Cryptography;
using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The sample app reads and hashes every byte of both models through a mount, as others do.</summary>
/// <param name="lab">The servers.</param>
/// <param name="isWarm">Whether the mount has every byte on the disk, and so in the page cache; otherwise all of them come from the bucket.</param>
internal sealed class VerifyContent(Lab lab, bool isWarm) : IBenchmark
{
    /// <summary>A sixth of the real models: the large file still has 6 regions, and five rounds of four programs take no more than a minute.</summary>
    private const double Share = 0.16;

    private const long Mebibyte = 1 << 20;
    private const long Region = 64;

    /// <summary>What is hashed lies in the second-level cache, so that nothing but the arithmetic is measured.</summary>
    private const int Block = 256 * 1024;

    private const double WithinTenth = 1.1;
    private const double SmallShare = Share / 10;

    private long _bytes;
    private bool _isRead;
    private Measurement? _cat;
    private string? _allocations;

    public string Name => isWarm ? "verify-content-warm" : "verify-content-cold";

    public string Ours => GateRun.Describe(VerificationLevel.Content, isWarm ? "mount with all files in its cache" : "mount without any cache");

    public long Bytes => _bytes;

    public string? Missing => InstalledProgram.FindMissingOfMount() ?? InstalledProgram.FindMissing("sh", "cat", "sha256sum");

    /// <summary>What is published for the first round runs the servers' code.</summary>
    public bool NeedsWarmUp => false;

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("limit", "the slower of that `cat`, and SHA-256 of as many bytes in memory on all cores", MeasureLimitAsync) { Aim = Aim.AtMost(WithinTenth) },
        new("cat", "`cat FILES > /dev/null`", TakeCatAsync),
        .. isWarm ? [new("sha256sum", "`sha256sum FILES`", token => MeasureShellAsync("sha256sum", token)) { Aim = Aim.Faster }] : ColdOpponents,
    ];

    private IEnumerable<Opponent> ColdOpponents =>
    [
        new("regions", "`dd \\| openssl dgst -sha256` of each 64 MiB, one per core at a time", MeasureRegionsAsync)
        {
            Missing = InstalledProgram.FindMissing("xargs", "dd", "openssl"),
            Aim = Aim.AtMost(WithinTenth),
        },
        new("tenth", "the same for a tenth of the bytes", MeasureTenthAsync) { Quantity = Quantity.PeakBytes, Aim = Aim.AtMost(WithinTenth) },
    ];

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var models = await GetModelsAsync(cancellationToken);
        var measurement = Check(await GateRun.MeasureAsync(lab, models, VerificationLevel.Content, cancellationToken));
        return isWarm ? measurement : measurement with { Note = _allocations ??= await DescribeAsync(models, cancellationToken) };
    }

    private async Task<string?> DescribeAsync(PublishedModels models, CancellationToken cancellationToken) => (await RecordedRun.MeasureAsync(
        lab, (await models.CreateAppAsync(cancellationToken)).Command("model-cache", "verify", "--level", "Content"), cancellationToken)).Note;

    private async Task<Measurement> MeasureTenthAsync(CancellationToken cancellationToken) => await GateRun.MeasureAsync(
        lab, await lab.Models.GetPublishedAsync(SmallShare, cancellationToken), VerificationLevel.Content, cancellationToken);

    /// <summary>One run of it is for two rows: the first that asks makes it, and the second takes it.</summary>
    private async Task<Measurement> TakeCatAsync(CancellationToken cancellationToken)
    {
        var cat = _cat;
        _cat = cat is null ? await MeasureShellAsync("cat", cancellationToken) : null;
        return cat ?? _cat!;
    }

    private async Task<Measurement> MeasureLimitAsync(CancellationToken cancellationToken)
    {
        var cat = await TakeCatAsync(cancellationToken);
        var sha256 = MeasureSha256();
        return cat.Seconds > sha256.Seconds
            ? cat with { Note = "cat" }
            : sha256 with { Note = "SHA-256" };
    }

    private async Task<Measurement> MeasureRegionsAsync(CancellationToken cancellationToken)
    {
        var models = await GetModelsAsync(cancellationToken);
        var (paths, list) = (models.FindFiles(), lab.Path("regions"));
        await File.WriteAllLinesAsync(
            list,
            models.Set.Files.SelectMany(file => Enumerable.Range(0, (int)(file.Size / (Region * Mebibyte)) + 1).Select(i => $"{paths[file.Name]} {i * Region}")),
            cancellationToken);
        var script = $"xargs -P {Environment.ProcessorCount} -n 2 sh -c 'dd if=\"$0\" bs=1M skip=\"$1\" count={Region} iflag=fullblock status=none"
            + $" | openssl dgst -sha256' < '{list}' > /dev/null";
        var (measurement, _) = await lab.MeasureAsync(new Command("sh", ["-c", script], models.Folder), cancellationToken);
        return Check(measurement with { PeakBytes = null });
    }

    private Measurement MeasureSha256()
    {
        var (left, cpu, start) = (_bytes / Block, Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            var block = new byte[Block];
            using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            while (Interlocked.Decrement(ref left) >= 0)
            {
                sha256.AppendData(block);
            }
        });
        return new Measurement(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, 0, null);
    }

    private async Task<Measurement> MeasureShellAsync(string program, CancellationToken cancellationToken)
    {
        var (measurement, _) = await lab.MeasureAsync(Read(program, await GetModelsAsync(cancellationToken)), cancellationToken);
        return Check(measurement);
    }

    private static Command Read(string program, PublishedModels models) =>
        new("sh", ["-c", $"exec {program} {string.Join(' ', models.FindFiles().Values.Select(path => $"'{path}'"))} > /dev/null"], models.Folder);

    private async Task<PublishedModels> GetModelsAsync(CancellationToken cancellationToken)
    {
        var models = await lab.Models.GetPublishedAsync(Share, cancellationToken);
        _bytes = models.Set.Bytes;
        if (!isWarm)
        {
            return models;
        }

        var cached = await models.GetCachedAsync(cancellationToken);
        if (!_isRead)
        {
            _isRead = true;
            await ProcessRun.RunAsync(Read("cat", cached), cancellationToken);
        }

        return cached;
    }

    /// <summary>Whether the bytes came from where they should have.</summary>
    private Measurement Check(Measurement measurement)
    {
        var sent = measurement.Bucket!.BytesOut;
        return (isWarm ? sent < _bytes / 2 : sent >= _bytes)
            ? measurement
            : throw new BenchmarkException($"The bucket should send {(isWarm ? "next to none" : "all")} of {_bytes} bytes, but sent {sent}.");
    }
}
