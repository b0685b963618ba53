using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Testing;

/// <summary>Reads a part of a content that lies in blocks; a blocking read never waits, so it is allowed here.</summary>
internal sealed class BlockStream : ForwardStream
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
}
