using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;
using Tabular.ModelCache.Startup;

namespace Tabular.ModelCache.Doctor.Checks;

/// <summary>How fast the largest served file can be read through the mount, by one reader from its start.</summary>
internal sealed class SpeedCheck : IDoctorCheck
{
    private const int Block = 1 << 20;
    private const long Most = 64L << 20;

    // Less says more about the first request than about the rate.
    private const long Least = 1L << 20;

    // One reader through gcsfuse on Cloud Run was measured at about 110 MB/s.
    private const double Expected = 50;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(5);

    public string Name => "speed";

    public TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    public async Task RunAsync(DoctorContext context, DoctorFindings findings, CancellationToken cancellationToken)
    {
        var manifest = (await context.ReadShownManifestAsync().ConfigureAwait(false)).Value;
        if (manifest is null)
        {
            return;
        }

        var file = context.Models
            .Select(m => Freshness.Of(m, manifest.Entry(m.Name)).Version)
            .OfType<ManifestVersion>()
            .SelectMany(v => v.Files.Select(f => (Path: $"{v.Path}/{f.Path}", f.Size)))
            .OrderByDescending(f => f.Size)
            .FirstOrDefault();
        if (file.Size < Least)
        {
            return;
        }

        (long Bytes, TimeSpan Time) read;
        try
        {
            read = await BlockingCall.RunAsync(
                () => Read(context, file.Path, cancellationToken), "doctor", Enough * 4, context.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            findings.Note($"{file.Path} is not on the mount, so the speed was not measured");
            return;
        }
        catch (TimeoutException)
        {
            findings.Warning("slow-reads", $"one block of {file.Path} was not read within {Enough.TotalSeconds * 4:0} s", Fix);
            return;
        }

        var rate = read.Bytes / 1e6 / Math.Max(read.Time.TotalSeconds, 1e-6);
        var measured = $"{read.Bytes / 1e6:0} MB of {file.Path} were read at {rate:0.#} MB/s";
        if (rate < Expected)
        {
            findings.Warning("slow-reads", $"{measured}; expected are at least {Expected:0} MB/s", Fix);
        }
        else
        {
            findings.Note($"{measured}; what the page cache already had is part of that");
        }
    }

    private const string Fix =
        "run in the region of the bucket, give the container more CPU, and see the mount's options enable-buffered-read=true or cache-dir (with parallel downloads)";

    private static (long Bytes, TimeSpan Time) Read(DoctorContext context, string path, CancellationToken cancellationToken)
    {
        var stopwatch = context.Surroundings.Stopwatch;
        var began = stopwatch.GetTimestamp();
        var buffer = new byte[Block];
        var total = 0L;
        using var stream = context.Mount.OpenRead(path);
        while (total < Most && stopwatch.GetElapsedTime(began) < Enough)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = stream.Read(buffer);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return (total, stopwatch.GetElapsedTime(began));
    }
}
