using System.Buffers;
using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Sources.Directories;

/// <summary>Reads a file so that a cancelled read ends at once.</summary>
/// <remarks>
/// The system's own read of a file cannot be cancelled, and a dead network share or a pipe keeps it for ever. It therefore goes into a
/// buffer of this stream: one that is left behind may still write there, where nobody looks any more.
/// </remarks>
internal sealed class DirectoryStream : ForwardStream
{
    private const int BlockSize = 1 << 20;

    private readonly FileStream _file;
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(BlockSize);
    private bool _isReading;
    private bool _isDisposed;

    private long _left;

    private DirectoryStream(FileStream file, long count)
    {
        _file = file;
        _left = count;
    }

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<DirectoryStream> OpenAsync(string fullPath, long offset, long count, CancellationToken cancellationToken)
    {
        // Opening can hang as reading can.
        var opening = Task.Run(
            () => new FileStream(
                fullPath,
                new FileStreamOptions
                {
                    Mode = FileMode.Open,
                    Access = FileAccess.Read,
                    Share = FileShare.Read,
                    Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
                    BufferSize = 0,
                }),
            cancellationToken);
        var file = await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (offset > 0)
        {
            // A pipe has no other place to begin at than its own.
            file.Position = offset;
        }

        return new DirectoryStream(file, count);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var block = _block.AsMemory(0, (int)Math.Min(Math.Min(buffer.Length, BlockSize), _left));
        _isReading = true;
        var read = await _file.ReadAsync(block, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        _isReading = false;
        block.Span[..read].CopyTo(buffer.Span);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Does not wait for a read that hangs: the handle is closed when that returns.
            _file.Dispose();
            if (!_isDisposed && !_isReading)
            {
                // A large file is opened for each of its parts; a buffer that a read may still write to is left to the collector.
                ArrayPool<byte>.Shared.Return(_block);
            }

            _isDisposed = true;
        }

        base.Dispose(disposing);
    }
}
