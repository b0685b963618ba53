using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Tabular.ModelCache.Stores.Directories;

/// <summary>
/// Reads one version of an object from an open file. A content that is shorter than its metadata says, or that has another CRC32C,
/// is an exception and never an end of the stream.
/// </summary>
internal sealed class ObjectFileStream(SafeFileHandle handle, StoredObject item, long offset, long count) : ForwardStream
{
    // A range cannot be checked against a checksum of the whole.
    private readonly Crc32? _crc32C = offset == 0 && count == item.Size ? Crc32C.Create() : null;
    private long _position;

    public override long Length => count;

    public override long Position
    {
        get => _position;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..Limit(buffer.Length)];
        int read;
        try
        {
            read = wanted.IsEmpty ? 0 : RandomAccess.Read(handle, wanted, offset + _position);
        }
        catch (IOException e)
        {
            throw Broken(e);
        }

        return Accept(wanted, read);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wanted = buffer[..Limit(buffer.Length)];
        int read;
        try
        {
            read = wanted.IsEmpty ? 0 : await RandomAccess.ReadAsync(handle, wanted, offset + _position, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw Broken(e);
        }

        return Accept(wanted.Span, read);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            handle.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Limit(int wanted) => (int)Math.Min(wanted, count - _position);

    private int Accept(ReadOnlySpan<byte> wanted, int read)
    {
        if (read == 0 && !wanted.IsEmpty)
        {
            throw Broken(null);
        }

        _position += read;
        if (_crc32C is not null && (read > 0 || count == 0))
        {
            _crc32C.Append(wanted[..read]);
            if (_position == count && _crc32C.GetCurrentHashAsUInt32() is var found && found != item.Crc32C)
            {
                throw new ObjectStoreException(
                    ObjectStoreError.Corrupted,
                    $"The content of '{item.Name}' was expected to have CRC32C {item.Crc32C:x8}, but has {found:x8}. Restore the file, or publish it again.",
                    item.Name);
            }
        }

        return read;
    }

    private ObjectStoreException Broken(IOException? cause) => new(
        ObjectStoreError.Unavailable,
        $"The content of '{item.Name}' was expected to have {item.Size} bytes, but ended after {offset + _position}: {cause?.Message ?? "the file was cut in place"}. Read it again.",
        item.Name,
        cause);
}
