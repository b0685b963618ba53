using System.Diagnostics;

namespace Tabular;

/// <summary>Reads a folder to the end, which fills the page cache before the first request does.</summary>
internal static class WarmUp
{
    private const int BlockSize = 1 << 20;

    public static async Task<(long Bytes, double Seconds)> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var total = 0L;

        // One sequential reader per file: gcsfuse reads ahead only while the offsets of a handle rise.
        await Parallel.ForEachAsync(
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (path, token) => Interlocked.Add(ref total, await ReadFileAsync(path, token)));
        return (total, watch.Elapsed.TotalSeconds);
    }

    private static async Task<long> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
        var block = new byte[BlockSize];
        var total = 0L;
        int read;
        while ((read = await stream.ReadAsync(block, cancellationToken)) > 0)
        {
            total += read;
        }

        return total;
    }
}
