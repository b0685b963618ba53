using Tabular.ModelCache.Stores;

namespace Tabular.ModelCache.Simulation.Sources;

/// <summary>The bytes of one file, in chunks that take their time.</summary>
internal sealed class SimulatedSourceStream(SimulatedSource source, Revision revision, RevisionFile file, int offset, int count) : ForwardStream
{
    private const int ChunkSize = 1024;

    private int _position;

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
}
