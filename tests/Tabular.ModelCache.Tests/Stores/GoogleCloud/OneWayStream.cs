namespace Tabular.ModelCache.Tests.Stores.GoogleCloud;

/// <summary>Content as it comes from a network: it cannot be read twice, comes in odd pieces, and may end with an exception.</summary>
internal sealed class OneWayStream(ReadOnlyMemory<byte> content) : Stream
{
    private int _position;

    public Exception? EndsWith { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = Math.Min(Math.Min(buffer.Length, 100_003), content.Length - _position);
        if (count == 0 && EndsWith is not null)
        {
            throw EndsWith;
        }

        content.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return new(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
