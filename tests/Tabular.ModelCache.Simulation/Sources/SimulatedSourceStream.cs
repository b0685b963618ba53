namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>The bytes of one file, in chunks that take their time.</summary>
internal sealed class SimulatedSourceStream(SimulatedSource source, Revision revision, RevisionFile file, int offset, int count) : Stream
{
    private const int ChunkSize = 1024;

    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Math.Min(Math.Min(buffer.Length, ChunkSize), count - _position);
        if (read == 0)
        {
            return 0;
        }

        await source.ReadAsync(revision, file, read, cancellationToken).ConfigureAwait(false);
        file.Content.AsMemory(offset + _position, read).CopyTo(buffer);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
