using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>Finds objects and reads them. It takes no lock and changes nothing, so it works on a read-only mount as well.</summary>
/// <remarks>
/// A writer renames first the content and then its metadata into place, and the metadata lies under another name before both. So a
/// reader that meets content without metadata looks there, and when it still finds none looks at everything once more: the same
/// picture twice means that no writer was in between, and that the file was put there by hand.
/// </remarks>
internal sealed class DirectoryReader(StoreLayout layout, SidecarFiles sidecars, TimeProvider timeProvider)
{
    // Each further attempt means that a writer, which flushes to the disk, finished a change while this read three small files.
    private const int MaxAttempts = 64;
    private const int BufferSize = 1024 * 1024;
    private const int MaxRememberedChecksums = 4096;
    private static readonly TimeSpan SettledAge = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (FileIdentity File, uint Crc32C)> _checksums = new(StringComparer.Ordinal);

    /// <summary>Looks at an object without opening it.</summary>
    public ObjectState? Find(string name) => Find(name, open: false)?.State;

    /// <summary>Opens an object.</summary>
    /// <returns>The metadata and the open file of exactly that version, or <see langword="null"/>.</returns>
    public async Task<(StoredObject Item, SafeFileHandle Handle)?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (Find(name, open: true) is not ({ } state, { } handle))
        {
            return null;
        }

        try
        {
            return (state.ToStoredObject(await GetCrc32CAsync(state, handle, cancellationToken).ConfigureAwait(false)), handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Describes an object; the content is read only when its checksum is recorded nowhere.</summary>
    public async Task<StoredObject?> DescribeAsync(ObjectState state, CancellationToken cancellationToken)
    {
        if (state.Sidecar is not null)
        {
            return state.Sidecar.ToStoredObject();
        }

        if (Remembered(state) is { } crc32C)
        {
            return state.ToStoredObject(crc32C);
        }

        if (await OpenAsync(state.Name, cancellationToken).ConfigureAwait(false) is not var (item, handle))
        {
            return null;
        }

        handle.Dispose();
        return item;
    }

    /// <summary>Judges a file by its sidecar alone, while the lock of the object is held.</summary>
    public ObjectState? FindLocked(string name)
    {
        if (FileIdentity.Of(layout.FileOf(name)) is not { } file)
        {
            return null;
        }

        var sidecar = sidecars.Read(name);
        return sidecar?.File == file ? ObjectState.Known(name, sidecar) : ObjectState.Foreign(name, file, sidecar);
    }

    private static (FileIdentity File, long Generation, long Metageneration)? Brief(Sidecar? sidecar) =>
        sidecar is null ? null : (sidecar.File, sidecar.Generation, sidecar.Metageneration);

    private (ObjectState State, SafeFileHandle? Handle)? Find(string name, bool open)
    {
        object? previous = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (FileIdentity.Of(layout.FileOf(name)) is not { } file)
            {
                return null;
            }

            var handle = open ? TryOpen(name) : null;
            if (open && handle is null)
            {
                continue;
            }

            var keep = false;
            try
            {
                file = handle is null ? file : FileIdentity.Of(handle);
                var sidecar = sidecars.Read(name);
                var match = sidecar?.File == file ? sidecar : null;
                Sidecar? next = null;
                if (match is null)
                {
                    next = sidecars.ReadNext(name);
                    match = next?.File == file ? next : null;
                }

                var picture = (file, Brief(sidecar), Brief(next));
                if (match is not null || picture.Equals(previous))
                {
                    keep = true;
                    return (match is null ? ObjectState.Foreign(name, file, sidecar) : ObjectState.Known(name, match), handle);
                }

                previous = picture;
            }
            finally
            {
                if (!keep)
                {
                    handle?.Dispose();
                }
            }
        }

        throw new ObjectStoreException(
            ObjectStoreError.Unavailable,
            $"The object '{name}' was expected to rest for one read, but changed {MaxAttempts} times. Try again when fewer writers change it.",
            name);
    }

    private SafeFileHandle? TryOpen(string name)
    {
        var path = layout.FileOf(name);
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (FileIdentity.Of(path) is null)
        {
            // A folder took its place in between.
            return null;
        }
    }

    private uint? Remembered(ObjectState state) =>
        _checksums.TryGetValue(state.Name, out var known) && known.File == state.File ? known.Crc32C : null;

    private async ValueTask<uint> GetCrc32CAsync(ObjectState state, SafeFileHandle handle, CancellationToken cancellationToken)
    {
        if ((state.Sidecar?.Crc32C ?? Remembered(state)) is { } known)
        {
            return known;
        }

        var crc32C = Crc32C.Create();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            for (long offset = 0; offset < state.File.Size; offset += read)
            {
                var wanted = buffer.AsMemory(0, (int)Math.Min(buffer.Length, state.File.Size - offset));
                read = await RandomAccess.ReadAsync(handle, wanted, offset, cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new ObjectStoreException(
                        ObjectStoreError.Unavailable,
                        $"The object '{state.Name}' was expected to have {state.File.Size} bytes, but was cut to {offset} while it was read. Read it again.",
                        state.Name);
                }

                crc32C.Append(wanted.Span[..read]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var found = crc32C.GetCurrentHashAsUInt32();

        // A file that was changed just now may change again within the resolution of its time, and would look the same.
        if (timeProvider.GetUtcNow().UtcTicks - state.File.ModifiedTicks > SettledAge.Ticks)
        {
            if (_checksums.Count >= MaxRememberedChecksums)
            {
                _checksums.Clear();
            }

            _checksums[state.Name] = (state.File, found);
        }

        return found;
    }
}
