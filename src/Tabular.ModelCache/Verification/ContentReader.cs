using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Verification;

/// <summary>
/// Reads every byte of a version through the mount and hashes it, which also warms the page cache: readers by the number of cores, each
/// with a handle of its own that it reads in order, because gcsfuse keeps one stream per handle and reads ahead only while offsets rise.
/// </summary>
internal sealed class ContentReader(IModelMount mount, TimeProvider clock)
{
    private const int BlockSize = 1 << 20;

    // A reader waits for the mount most of the time: one stream of gcsfuse gives about 110 MB/s on Cloud Run, a core hashes ten times that.
    private const int ReadersPerCore = 2;
    private const int MostReaders = 16;

    // Readers that have not moved one block for this long are hung in the kernel. Several looks in a row must agree, and a new thread must
    // have run before each: a process that was itself stopped and continued sees one long gap, and one without a CPU runs no reader.
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(60);
    private const int StallLooks = 3;

    public async Task<VerificationResult> VerifyAsync(
        ManifestVersion version, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        var readers = Math.Min(Environment.ProcessorCount * ReadersPerCore, MostReaders);
        var spans = new ConcurrentQueue<ContentSpan>(ContentSpan.Divide(version.Files, readers));
        var total = version.Files.Sum(f => f.Size);
        var counter = new ByteCounter(clock);
        VerificationResult? failure = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        void Work()
        {
            var block = GC.AllocateUninitializedArray<byte>(BlockSize);
            while (Volatile.Read(ref failure) is null && spans.TryDequeue(out var span))
            {
                if (Verify(version, span, block, counter, stop.Token) is { } wrong)
                {
                    Interlocked.CompareExchange(ref failure, wrong, null);
                }
            }
        }

        var all = Task.WhenAll(Enumerable.Range(0, Math.Min(readers, spans.Count)).Select(i => RunAsync(Work, i, cancellationToken)));
        var stalled = 0;
        try
        {
            while (!all.IsCompleted)
            {
                await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Invoke(counter.Bytes, total);
                if (counter.IdleTime <= StallTimeout)
                {
                    stalled = 0;
                    continue;
                }

                await BlockingCall.Start(() => true, "look").WaitAsync(cancellationToken).ConfigureAwait(false);
                if (++stalled >= StallLooks)
                {
                    throw MountErrors.Translate(new TimeoutException(), mount.Root, version.Path);
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        await all.ConfigureAwait(false);
        progress?.Invoke(counter.Bytes, total);
        return failure ?? VerificationResult.Verified;
    }

    // The stall watch above bounds it; a thread that hangs in the kernel is left behind.
    private Task<bool> RunAsync(Action work, int number, CancellationToken cancellationToken) =>
        BlockingCall.RunAsync(
            () =>
            {
                work();
                return true;
            },
            $"reader {number}",
            Timeout.InfiniteTimeSpan,
            clock,
            cancellationToken);

    private VerificationResult? Verify(ManifestVersion version, ContentSpan span, byte[] block, ByteCounter counter, CancellationToken cancellationToken)
    {
        var path = $"{version.Path}/{span.File.Path}";
        try
        {
            using var stream = mount.OpenRead(path);
            stream.Seek(span.Offset(span.First), SeekOrigin.Begin);
            for (var region = span.First; region < span.First + span.Count; region++)
            {
                var (length, expected) = span.Region(region);
                if (Hash(stream, length, block, counter, cancellationToken) is var found && found != expected)
                {
                    return VerificationResult.Wrong(Describe(path, span, region, found, block, cancellationToken));
                }
            }

            return null;
        }
        catch (Exception e) when (MountErrors.IsStale(e) || e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Opened again, a mount that was behind shows what is there now.
            return VerificationResult.AbsentOnMount(path, mount.Root);
        }
        catch (Exception e) when (MountErrors.IsMountError(e))
        {
            throw MountErrors.Translate(e, mount.Root, path);
        }
    }

    private static string Hash(Stream stream, long length, byte[] block, ByteCounter? counter, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var left = length; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = stream.Read(block, 0, (int)Math.Min(block.Length, left));
            if (read == 0)
            {
                break;
            }

            hash.AppendData(block, 0, read);
            left -= read;
            counter?.Add(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Names the whole file's digest, which people can compare with SHA256SUMS; reading it again costs only on a failure.</summary>
    private string Describe(string path, ContentSpan span, int region, string found, byte[] block, CancellationToken cancellationToken)
    {
        var where = "";
        if (span.File.Regions is not null)
        {
            where = $" (bytes {span.Offset(region)} to {span.Offset(region) + span.Region(region).Length - 1} differ)";
            using var stream = mount.OpenRead(path);
            found = Hash(stream, long.MaxValue, block, null, cancellationToken);
        }

        return $"The file {path} is not what was published: expected sha256 {span.File.Sha256}, found sha256 {found}{where}; " +
            "publish the model again, or roll back.";
    }
}
