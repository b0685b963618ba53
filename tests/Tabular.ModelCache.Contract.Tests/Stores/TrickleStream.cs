namespace Tabular.ModelCache.Contract.Tests.Stores;

/// <summary>Yields bytes in small pieces, and then ends, throws, or does something first.</summary>
internal sealed class TrickleStream(byte[] bytes, int piece, Exception? failure = null) : Stream
{
    private int _position;

    public Func<Task>? AtEnd { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        var count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - _position);
        if (count == 0 && buffer.Length > 0)
        {
            await (AtEnd?.Invoke() ?? Task.CompletedTask);
            return failure is null ? 0 : throw failure;
        }

        bytes.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read without blocking.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
