using Tabular.ModelCache.Manifests;
using Tabular.ModelCache.Sources;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Publishing;

/// <summary>
/// Brings one large file from its source into the staging folder: parts are pulled at the same time, hashed in their order in one pass,
/// uploaded at the same time, and joined on the server when the whole is proven. A part that a dead run had uploaded is taken over, and
/// read back from the store for the digest of the whole, so that the source sends nothing twice.
/// </summary>
internal sealed class LargeFilePull : IDisposable
{
    private readonly IObjectStore _store;
    private readonly StagingArea _area;
    private readonly Dictionary<(string Sha256, long Offset), StoredObject> _leftovers;
    private readonly PartLimits _limits;
    private readonly PartBuffers _buffers;
    private readonly Action _throwIfLost;
    private readonly SourceFile _file;
    private readonly Action<int, bool> _progress;
    private readonly CancellationTokenSource _stop;
    private readonly ContentDigests _digests;
    private readonly IReadOnlyList<FilePart> _parts;
    private readonly StoredObject?[] _uploaded;
    private Exception? _failure;
    private int _resumed;

    /// <param name="store">The store.</param>
    /// <param name="area">The staging folder of the own attempt.</param>
    /// <param name="leftovers">The parts that older attempts left.</param>
    /// <param name="limits">How the file is cut.</param>
    /// <param name="buffers">The memory for parts.</param>
    /// <param name="throwIfLost">Throws when the lease is lost.</param>
    /// <param name="file">The file; its source gives ranges and promises its SHA-256.</param>
    /// <param name="progress">Is told how many bytes were read, and whether they came from the source.</param>
    /// <param name="cancellationToken">Cancels the pull.</param>
    public LargeFilePull(
        IObjectStore store,
        StagingArea area,
        Dictionary<(string Sha256, long Offset), StoredObject> leftovers,
        PartLimits limits,
        PartBuffers buffers,
        Action throwIfLost,
        SourceFile file,
        Action<int, bool> progress,
        CancellationToken cancellationToken)
    {
        _store = store;
        _area = area;
        _leftovers = leftovers;
        _limits = limits;
        _buffers = buffers;
        _throwIfLost = throwIfLost;
        _file = file;
        _progress = progress;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _digests = new ContentDigests(file, limits.RegionSize);
        _parts = FilePart.Of(file.Size, limits.Size);
        _uploaded = new StoredObject?[_parts.Count];
    }

    /// <summary>Gets whether any part came from a dead run.</summary>
    public bool HasResumed => _resumed > 0;

    /// <summary>Gets the parts that are in the staging folder of the own attempt.</summary>
    public IEnumerable<StoredObject> Uploaded => _uploaded.OfType<StoredObject>();

    /// <summary>Compares the whole with what its source promised; once all parts are uploaded.</summary>
    /// <exception cref="ModelCacheException">It is something else.</exception>
    public ManifestFile Finish() => _digests.Finish();

    /// <summary>Pulls and uploads all parts.</summary>
    /// <exception cref="ModelCacheException">A part cannot be pulled.</exception>
    /// <exception cref="ObjectStoreException">The store failed.</exception>
    /// <exception cref="NotSupportedException">The source gives no ranges.</exception>
    public async Task RunAsync()
    {
        var uploads = new List<Task>();
        await SendAsync(uploads).ConfigureAwait(false);
        await Task.WhenAll(uploads).ConfigureAwait(false);
        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _digests.Dispose();
    }

    /// <summary>
    /// The one that hashes: it starts parts while there is memory for them, and otherwise takes the first of them, which holds the memory
    /// that it would wait for. Never throws: the first failure is kept, and stops the uploads.
    /// </summary>
    private async Task SendAsync(List<Task> uploads)
    {
        var reading = new Queue<PartInFlight>();
        try
        {
            var next = 0;
            while (next < _parts.Count || reading.Count > 0)
            {
                _stop.Token.ThrowIfCancellationRequested();
                var buffer = next == _parts.Count || reading.Count == _limits.InMemory
                    ? null
                    : _buffers.TryRent() ?? (reading.Count == 0 ? await _buffers.RentAsync(_stop.Token).ConfigureAwait(false) : null);
                if (buffer is not null)
                {
                    var index = next++;
                    reading.Enqueue(new PartInFlight(index, buffer, ReadAsync(index, buffer)));
                    continue;
                }

                var first = reading.Peek();
                await first.Reading.ConfigureAwait(false);
                _digests.Append(first.Buffer.AsMemory(0, _parts[first.Index].Count));
                reading.Dequeue();
                uploads.RemoveAll(t => t.IsCompleted);
                uploads.Add(UploadAsync(first.Index, first.Buffer));
            }
        }
#pragma warning disable CA1031 // Kept, and thrown when the others have ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
        finally
        {
            foreach (var part in reading)
            {
                await ((Task)part.Reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _buffers.Return(part.Buffer);
            }
        }
    }

    private async Task ReadAsync(int index, byte[] buffer)
    {
        var part = _parts[index];
        var target = buffer.AsMemory(0, part.Count);
        _throwIfLost();
        if (await TryTakeOverAsync(index, target).ConfigureAwait(false))
        {
            return;
        }

        var source = await _file.OpenRangeAsync(part.Offset, part.Count, _stop.Token).ConfigureAwait(false);
        await using var owner = source.ConfigureAwait(false);
        while (!target.IsEmpty)
        {
            var read = await source.ReadAsync(target, _stop.Token).ConfigureAwait(false);
            if (read == 0)
            {
                throw new ModelCacheException(
                    $"The source of '{_file.Path}' ended {target.Length} bytes too early in a part of its {_file.Size} bytes; nothing was published, try again.");
            }

            target = target[read..];
            _progress(read, true);
        }
    }

    /// <summary>Moves a part of a dead run into the own staging folder and reads it back.</summary>
    private async Task<bool> TryTakeOverAsync(int index, Memory<byte> target)
    {
        var part = _parts[index];
        if (!_leftovers.TryGetValue((_file.Sha256!, part.Offset), out var left) || left.Size != part.Count)
        {
            return false;
        }

        var read = 0;
        try
        {
            var moved = await _store.MoveAsync(
                left.Name,
                _area.Part(_file.Sha256!, part.Offset),
                new ObjectTransferOptions
                {
                    Source = new() { IfGenerationMatch = left.Generation },
                    Destination = ObjectPreconditions.MustNotExist,
                },
                _stop.Token).ConfigureAwait(false);
            _uploaded[index] = moved;
            var content = await _store.OpenReadAsync(moved.Name, new ObjectReadOptions { Generation = moved.Generation }, _stop.Token).ConfigureAwait(false)
                ?? throw new ModelCacheException(
                    $"{_store.DisplayName}/{moved.Name} is gone although this attempt owns it; somebody deletes from .tmp/. Run the sync again.");
            await using (content.ConfigureAwait(false))
            {
                // To the answer of the end, with which the store vouches for the CRC32C.
                for (int count; (count = await content.Stream.ReadAsync(target[read..], _stop.Token).ConfigureAwait(false)) > 0; read += count)
                {
                    _progress(count, false);
                }

                var rest = new byte[1];
                if (read == part.Count && await content.Stream.ReadAsync(rest, _stop.Token).ConfigureAwait(false) == 0)
                {
                    Interlocked.Increment(ref _resumed);
                    return true;
                }
            }
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound or ObjectStoreError.PreconditionFailed or ObjectStoreError.Corrupted)
        {
            // It is gone, or damaged: the source has it too.
        }

        _progress(-read, false);
        if (_uploaded[index] is { } damaged)
        {
            await VersionFolder.DeleteAsync(_store, [damaged], _throwIfLost, _stop.Token).ConfigureAwait(false);
            _uploaded[index] = null;
        }

        return false;
    }

    /// <summary>Never throws: the first failure is kept, and stops the others.</summary>
    private async Task UploadAsync(int index, byte[] buffer)
    {
        try
        {
            if (_uploaded[index] is null)
            {
                var part = _parts[index];
                _throwIfLost();
                using var content = new MemoryStream(buffer, 0, part.Count, writable: false, publiclyVisible: true);
                _uploaded[index] = await _store.WriteAsync(
                    _area.Part(_file.Sha256!, part.Offset),
                    content,
                    new ObjectWriteOptions
                    {
                        Preconditions = ObjectPreconditions.MustNotExist,
                        Length = part.Count,
                        Crc32C = Crc32C.Compute(buffer.AsSpan(0, part.Count)),
                    },
                    _stop.Token).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Kept, and thrown when the others have ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
        finally
        {
            _buffers.Return(buffer);
        }
    }

    private void Fail(Exception e)
    {
        Interlocked.CompareExchange(ref _failure, e, null);
#pragma warning disable CA1849 // CancelAsync runs the callbacks on the thread pool.
        _stop.Cancel();
#pragma warning restore CA1849
    }

    private sealed record PartInFlight(int Index, byte[] Buffer, Task Reading);
}
