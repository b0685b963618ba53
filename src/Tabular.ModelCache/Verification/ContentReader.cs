using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Verification;

/// <summary>
/// Reads every byte of a version through the mount and hashes it: one worker per core, one file handle per region, each read in order,
/// because gcsfuse keeps one stream per handle and reads ahead only while the offsets rise.
/// </summary>
internal sealed class ContentReader(IModelMount mount, TimeProvider clock)
{
    private const int BlockSize = 1 << 20;

    // Workers that have not moved one block for this long are hung in the kernel. Several looks in a row must agree, because a process
    // that was itself stopped and continued sees one long gap.
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(60);
    private const int StallLooks = 3;

    public async Task<VerificationResult> VerifyAsync(
        ManifestVersion version, Action<long, long>? progress, CancellationToken cancellationToken)
    {
        var parts = new ConcurrentQueue<Part>(version.Files.SelectMany(Split));
        var total = version.Files.Sum(f => f.Size);
        var counter = new ByteCounter(clock);
        VerificationResult? failure = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        void Work()
        {
            var block = GC.AllocateUninitializedArray<byte>(BlockSize);
            while (parts.TryDequeue(out var part) && Volatile.Read(ref failure) is null)
            {
                if (Verify(version, part, block, counter, stop.Token) is { } wrong)
                {
                    Interlocked.CompareExchange(ref failure, wrong, null);
                }
            }
        }

        var workers = Enumerable.Range(0, Math.Max(1, Math.Min(Environment.ProcessorCount, parts.Count)))
            .Select(i => RunAsync(Work, i, cancellationToken))
            .ToList();
        var all = Task.WhenAll(workers);
        var stalled = 0;
        try
        {
            while (!all.IsCompleted)
            {
                await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Invoke(counter.Bytes, total);
                stalled = counter.IdleTime > StallTimeout ? stalled + 1 : 0;
                if (stalled >= StallLooks)
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

    private VerificationResult? Verify(ManifestVersion version, Part part, byte[] block, ByteCounter counter, CancellationToken cancellationToken)
    {
        var path = $"{version.Path}/{part.File.Path}";
        try
        {
            var found = Hash(version, part, block, counter, cancellationToken);
            return found == part.Sha256 ? null : VerificationResult.Wrong(Describe(version, part, found, block, cancellationToken));
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

    private static IEnumerable<Part> Split(ManifestFile file)
    {
        if (file.Regions is not { } regions)
        {
            yield return new Part(file, 0, file.Size, file.Sha256);
            yield break;
        }

        for (var i = 0; i < regions.Sha256.Count; i++)
        {
            var offset = i * regions.Size;
            yield return new Part(file, offset, Math.Min(regions.Size, file.Size - offset), regions.Sha256[i]);
        }
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

    private string Hash(ManifestVersion version, Part part, byte[] block, ByteCounter? counter, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = mount.OpenRead($"{version.Path}/{part.File.Path}");
        if (part.Offset > 0)
        {
            stream.Seek(part.Offset, SeekOrigin.Begin);
        }

        for (var left = part.Length; left > 0;)
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
    private string Describe(ManifestVersion version, Part part, string found, byte[] block, CancellationToken cancellationToken)
    {
        var where = "";
        if (part.File.Regions is not null)
        {
            where = $" (bytes {part.Offset} to {part.Offset + part.Length - 1} differ)";
            found = Hash(version, new Part(part.File, 0, long.MaxValue, part.File.Sha256), block, null, cancellationToken);
        }

        return $"The file {version.Path}/{part.File.Path} is not what was published: expected sha256 {part.File.Sha256}, found sha256 {found}{where}; " +
            "publish the model again, or roll back.";
    }

    internal readonly record struct Part(ManifestFile File, long Offset, long Length, string Sha256);
}
