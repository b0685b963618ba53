using System.Buffers;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>The folder for content that is not yet an object.</summary>
internal sealed class StagingArea(StoreLayout layout, TimeProvider timeProvider, DirectoryObjectStoreOptions options)
{
    private const int BufferSize = 1024 * 1024;
    private const int MaxLookedAt = 1024;
    private const int MaxCoarseSteps = 8;
    // A file that nobody has written to for so long belongs to a dead process. Killed in a row, processes that write a large model would
    // otherwise fill the disk before anybody tidied up.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);

    // The coarsest resolution of a file's time in use: FAT's.
    private static readonly TimeSpan CoarsestTime = TimeSpan.FromSeconds(2);
    private long _nextSweep;

    /// <summary>Writes content to the disk.</summary>
    /// <param name="name">The name of the object, for messages.</param>
    /// <param name="content">The bytes; what it throws passes as it is.</param>
    /// <param name="expectedLength">How many bytes it must have, where that is known.</param>
    /// <param name="reserveGeneration">Gives a generation to the complete content.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <returns>The complete file.</returns>
    public async Task<StagedFile> StageAsync(
        string name,
        Stream content,
        long? expectedLength,
        Func<long> reserveGeneration,
        CancellationToken cancellationToken)
    {
        SweepLeftovers();
        Directory.CreateDirectory(layout.TemporaryFolder);
        var path = layout.NewTemporaryFile();
        var crc32C = Crc32C.Create();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        long size = 0;
        var isComplete = false;
        try
        {
            long generation;
            using (var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
            {
                int read;
                while ((read = await ReadAsync(content, buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    if (size + read > expectedLength)
                    {
                        throw ObjectStoreErrors.WrongLength(name, expectedLength.Value, "more");
                    }

                    crc32C.Append(buffer.AsSpan(0, read));
                    await RandomAccess.WriteAsync(handle, buffer.AsMemory(0, read), size, cancellationToken).ConfigureAwait(false);
                    size += read;
                }

                if (expectedLength is { } expected && expected != size)
                {
                    throw ObjectStoreErrors.WrongLength(name, expected, $"{size}");
                }

                generation = reserveGeneration();
                File.SetLastWriteTimeUtc(handle, TimeOf(generation));
                if (options.FlushToDisk)
                {
                    RandomAccess.FlushToDisk(handle);
                }
            }

            isComplete = true;
            options.OnStep?.Invoke("content staged");
            return new StagedFile(path, size, crc32C.GetCurrentHashAsUInt32(), generation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!isComplete)
            {
                new StagedFile(path, 0, 0, 0).Dispose();
            }
        }
    }

    /// <summary>Gives a staged file the time of its generation, unless it has it already.</summary>
    /// <param name="staged">The file.</param>
    /// <param name="generation">The generation that it gets.</param>
    /// <param name="taken">The identities that it must not have.</param>
    /// <returns>Its identity, as the file system keeps it.</returns>
    public FileIdentity Stamp(StagedFile staged, long generation, params ReadOnlySpan<FileIdentity?> taken)
    {
        var identity = FileIdentity.Of(staged.Path) ?? throw new FileNotFoundException($"The file '{staged.Path}' was removed before it became an object.");
        if (staged.Generation == generation && !taken.Contains(identity))
        {
            return identity;
        }

        identity = SetTime(staged.Path, staged.Size, generation, taken);
        if (options.FlushToDisk)
        {
            using var handle = File.OpenHandle(staged.Path, FileMode.Open, FileAccess.Write, FileShare.None);
            RandomAccess.FlushToDisk(handle);
        }

        return identity;
    }

    /// <summary>Finds, on a file of its own, the identity that a file of some size gets when it is given the time of a generation.</summary>
    public FileIdentity Foresee(long size, long generation, params ReadOnlySpan<FileIdentity?> taken)
    {
        Directory.CreateDirectory(layout.TemporaryFolder);
        using var probe = new StagedFile(layout.NewTemporaryFile(), 0, 0, 0);
        File.OpenHandle(probe.Path, FileMode.CreateNew, FileAccess.Write, FileShare.None).Dispose();
        return SetTime(probe.Path, size, generation, taken);
    }

    private static FileIdentity SetTime(string path, long size, long generation, ReadOnlySpan<FileIdentity?> taken)
    {
        var time = TimeOf(generation);
        for (var step = 0; step < MaxCoarseSteps; step++)
        {
            File.SetLastWriteTimeUtc(path, time + (step * CoarsestTime));
            var identity = new FileIdentity(size, File.GetLastWriteTimeUtc(path).Ticks);
            if (!taken.Contains(identity))
            {
                return identity;
            }
        }

        throw new IOException($"The file system of '{path}' was expected to keep different times of change, but did not.");
    }

    private static DateTime TimeOf(long generation)
    {
        var latest = (DateTime.MaxValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        return DateTime.UnixEpoch.AddTicks(Math.Min(generation, latest - 60_000_000) * TimeSpan.TicksPerMicrosecond);
    }

    // What the caller's stream throws is the caller's, also when it is an IOException: it must not be taken for one of the disk.
    private static async Task<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw new ContentFailedException(e);
        }
    }

    private void SweepLeftovers()
    {
        var now = timeProvider.GetTimestamp();
        var next = Volatile.Read(ref _nextSweep);
        var interval = (long)(SweepInterval.TotalSeconds * timeProvider.TimestampFrequency);
        if ((next != 0 && now < next) || Interlocked.CompareExchange(ref _nextSweep, now + interval, next) != next)
        {
            return;
        }

        try
        {
            var oldest = timeProvider.GetUtcNow().UtcDateTime - LeftoverAge;
            foreach (var file in new DirectoryInfo(layout.TemporaryFolder).EnumerateFiles().Take(MaxLookedAt))
            {
                if (file.LastWriteTimeUtc < oldest)
                {
                    file.Delete();
                }
            }
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            // Nothing was staged yet, or another process cleans up as well.
        }
    }
}
