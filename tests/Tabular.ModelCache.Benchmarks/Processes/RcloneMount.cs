using System.Diagnostics;
using Tabular.ModelCache.Benchmarks.Harness;

namespace Tabular.ModelCache.Benchmarks.Processes;

/// <summary>rclone's FUSE mount of a bucket.</summary>
internal sealed class RcloneMount : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;

    private RcloneMount(Process process, string folder)
    {
        _process = process;
        Folder = folder;
    }

    public string Folder { get; }

    /// <summary>Gets what it has computed so far, in seconds of one core.</summary>
    public double CpuSeconds => ProcessStatistics.CpuSeconds(_process.Id);

    /// <param name="lab">Where it runs.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="cacheFolder">
    /// Where what was read is kept for the next time; <see langword="null"/> keeps nothing: as every open makes the kernel forget its pages,
    /// every byte that is read then comes from the bucket.
    /// </param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="BenchmarkException">Nothing was mounted.</exception>
    public static async Task<RcloneMount> StartAsync(Lab lab, string bucket, string? cacheFolder, CancellationToken cancellationToken)
    {
        var folder = lab.CreateFolder($"mount-{lab.NextName()}");
        string[] cache = cacheFolder is null ? [] : ["--vfs-cache-mode", "full", "--cache-dir", cacheFolder];
        var start = new ProcessStartInfo(
            "rclone", ["mount", "--read-only", "--dir-cache-time", "60s", .. cache, $"{RcloneConfiguration.Remote}:{bucket}", folder])
        {
            Environment = { ["RCLONE_CONFIG"] = await RcloneConfiguration.WriteAsync(lab, cancellationToken) },
        };
        var mount = new RcloneMount(Process.Start(start) ?? throw new BenchmarkException("rclone did not start."), folder);
        for (var waited = TimeSpan.Zero; waited < Deadline && !mount._process.HasExited; waited += Interval)
        {
            if ((await File.ReadAllTextAsync("/proc/self/mountinfo", cancellationToken)).Contains($" {folder} ", StringComparison.Ordinal))
            {
                return mount;
            }

            await Task.Delay(Interval, cancellationToken);
        }

        await mount.DisposeAsync();
        throw new BenchmarkException($"rclone should mount {bucket} at {folder} within {Deadline}, but did not; its reason is above.");
    }

    public async ValueTask DisposeAsync()
    {
        using (var unmount = Process.Start("fusermount3", ["-uz", Folder]))
        {
            await unmount.WaitForExitAsync();
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await ((Task)_process.WaitForExitAsync(timeout.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
