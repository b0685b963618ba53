namespace Tabular.ModelCache.Testing;

/// <summary>Reads a part of a content that lies in blocks.</summary>
internal sealed class BlockStream : Stream
{
    private readonly IReadOnlyList<byte[]> _blocks;
    private long _left;
    private int _block;
    private int _offset;

    public BlockStream(IReadOnlyList<byte[]> blocks, long offset, long count)
    {
        _blocks = blocks;
        _left = count;
        while (_block < blocks.Count && offset >= blocks[_block].Length)
        {
            offset -= blocks[_block++].Length;
        }

        _offset = (int)offset;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        var block = _blocks[_block].AsSpan(_offset);
        var count = (int)Math.Min(Math.Min(block.Length, buffer.Length), _left);
        block[..count].CopyTo(buffer);
        _left -= count;
        _offset += count;
        if (_offset == _blocks[_block].Length)
        {
            _block++;
            _offset = 0;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<int>(cancellationToken)
            : ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
