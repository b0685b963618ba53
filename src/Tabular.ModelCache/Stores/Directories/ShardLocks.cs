using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Lets one change of an object happen at a time, among tasks and among processes of one machine.</summary>
/// <remarks>
/// Between processes: a file opened with <see cref="FileShare.None"/>, which is <c>flock(2)</c> on Unix and so ends with the process.
/// Between tasks: a semaphore, so that tasks of one process queue instead of polling.
/// </remarks>
internal sealed class ShardLocks(StoreLayout layout, TimeProvider timeProvider, Random random, DirectoryObjectStoreOptions options)
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<byte, SemaphoreSlim> _gates = new();
    private readonly Lock _randomGate = new();
    private volatile bool _isProven;

    /// <summary>Takes the locks of some objects, always in the order of their shards, so that two changes never wait for each other.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="names">The names of the objects.</param>
    /// <returns>The locks, to be disposed.</returns>
    /// <exception cref="ObjectStoreException">The wait took longer than allowed; the message names the file.</exception>
    public async Task<HeldLocks> AcquireAsync(CancellationToken cancellationToken, params IReadOnlyList<string> names)
    {
        Directory.CreateDirectory(layout.LockFolder);
        var started = timeProvider.GetTimestamp();
        var held = new HeldLocks();
        try
        {
            foreach (var shard in names.Select(StoreLayout.ShardOf).Distinct().Order())
            {
                await AcquireAsync(shard, names[0], held, started, cancellationToken).ConfigureAwait(false);
                Prove(shard);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private async Task AcquireAsync(byte shard, string name, HeldLocks held, long started, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(shard, _ => new SemaphoreSlim(1, 1));
        await EnterAsync(gate, shard, name, started, cancellationToken).ConfigureAwait(false);
        try
        {
            var poll = FirstPoll;
            SafeFileHandle? file;
            while ((file = TryOpen(shard)) is null)
            {
                var left = Left(started);
                if (left <= TimeSpan.Zero)
                {
                    throw TimedOut(shard, name);
                }

                var pause = poll * (0.5 + NextDouble());
                await Task.Delay(pause < left ? pause : left, timeProvider, cancellationToken).ConfigureAwait(false);
                poll = poll * 2 < LongestPoll ? poll * 2 : LongestPoll;
            }

            held.Add(shard, file, gate);
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    private async Task EnterAsync(SemaphoreSlim gate, byte shard, string name, long started, CancellationToken cancellationToken)
    {
        if (gate.Wait(0, cancellationToken))
        {
            return;
        }

        var left = Left(started);
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await gate.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(shard, name);
        }
        catch (OperationCanceledException)
        {
            // The caller gets its own token, not the linked one.
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private SafeFileHandle? TryOpen(byte shard)
    {
        try
        {
            return File.OpenHandle(layout.LockOf(shard), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (FileErrors.IsLocked(e))
        {
            return null;
        }
    }

    // .NET opens a file in spite of FileShare.None where the file system has no locks, or where they are switched off.
    private void Prove(byte shard)
    {
        if (_isProven)
        {
            return;
        }

        if (TryOpen(shard) is { } second)
        {
            second.Dispose();
            throw new ObjectStoreException(
                ObjectStoreError.InvalidRequest,
                $"The file '{layout.LockOf(shard)}' was expected to open only once at a time, but opened twice: files are not locked here. "
                + "Unset DOTNET_SYSTEM_IO_DISABLEFILELOCKING, use a local file system, or set ModelCache:Bucket.");
        }

        _isProven = true;
    }

    private TimeSpan Left(long started) => options.LockTimeout - timeProvider.GetElapsedTime(started);

    private double NextDouble()
    {
        lock (_randomGate)
        {
            return random.NextDouble();
        }
    }

    private ObjectStoreException TimedOut(byte shard, string name) => new(
        ObjectStoreError.Unavailable,
        $"The lock '{layout.LockOf(shard)}' for '{name}' was expected within {options.LockTimeout.TotalSeconds:0.###} s, but another change "
        + "or process holds it. Find who holds the file (lsof) and try again.",
        name);
}
